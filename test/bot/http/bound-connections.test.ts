// The bound on connections: strangers lose theirs, who was answered keeps it, and newcomers always get in.
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { boundConnections } from '../../../bot/http/bound-connections.ts';
import { waitUntil } from '../../support/wait-until.ts';

const MOST = 5;
let server: Server;
const sockets: Socket[] = [];

beforeEach(async () => {
  server = createServer((request, response) => {
    response.statusCode = request.url === '/ok' ? 200 : 401;
    response.end('answer');
  });
  boundConnections(server, MOST);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
  server.closeAllConnections();
  server.close();
});

async function open(): Promise<Socket> {
  const accepted = once(server, 'connection');
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  socket.on('error', () => undefined);
  sockets.push(socket);
  await accepted;
  return socket;
}

async function ask(socket: Socket, path: string): Promise<string> {
  socket.write(`GET ${path} HTTP/1.1\r\nhost: x\r\n\r\n`);
  const [chunk] = await once(socket, 'data');
  return String(chunk).slice(9, 12);
}

const isClosed = (socket: Socket) => waitUntil('it is closed', () => socket.destroyed || socket.readableEnded);

test('the oldest stranger goes for the newcomer, and who had an answer stays', async () => {
  const known = await open();
  expect(await ask(known, '/ok')).toBe('200');
  const strangers = [];
  for (let i = 0; i < 3 * MOST; i++) strangers.push(await open());
  for (const stranger of strangers.slice(0, -MOST + 1)) await isClosed(stranger.resume());
  expect(await ask(known, '/ok')).toBe('200');
  expect(await ask(strangers.at(-1) as Socket, '/ok')).toBe('200');
});

test('a rejection makes nobody known', async () => {
  const rejected = await open();
  expect(await ask(rejected, '/no')).toBe('401');
  for (let i = 0; i < MOST; i++) await open();
  await isClosed(rejected.resume());
});

test('when all are known, the one that was silent longest goes', async () => {
  const all: Socket[] = [];
  for (let i = 0; i < MOST; i++) all.push(await open());
  for (const socket of all) await ask(socket, '/ok');
  await ask(all[0] as Socket, '/ok');
  const newcomer = await open();
  await isClosed((all[1] as Socket).resume());
  expect(await ask(newcomer, '/ok')).toBe('200');
  expect(await ask(all[0] as Socket, '/ok')).toBe('200');
});
