// Limit on connections: untrusted ones are closed first, trusted ones are kept, and new ones are always accepted.
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { boundConnections } from '../../../bot/http/bound-connections.ts';
import { waitUntil } from '../../support/wait-until.ts';

const MAX_CONNECTIONS = 5;
let server: Server;
const sockets: Socket[] = [];

beforeEach(async () => {
  server = createServer((request, response) => {
    response.statusCode = request.url === '/ok' ? 200 : 401;
    response.end('answer');
  });
  boundConnections(server, MAX_CONNECTIONS);
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

const isClosed = (socket: Socket) =>
  waitUntil('the connection is closed', () => socket.destroyed || socket.readableEnded);

test('closes the oldest untrusted connection for a new one, and keeps the trusted one', async () => {
  const trusted = await open();
  expect(await ask(trusted, '/ok')).toBe('200');
  const untrusted = [];
  for (let i = 0; i < 3 * MAX_CONNECTIONS; i++) untrusted.push(await open());
  for (const one of untrusted.slice(0, -MAX_CONNECTIONS + 1)) await isClosed(one.resume());
  expect(await ask(trusted, '/ok')).toBe('200');
  expect(await ask(untrusted.at(-1) as Socket, '/ok')).toBe('200');
});

test('a rejected request does not make its connection trusted', async () => {
  const rejected = await open();
  expect(await ask(rejected, '/no')).toBe('401');
  for (let i = 0; i < MAX_CONNECTIONS; i++) await open();
  await isClosed(rejected.resume());
});

test('if all connections are trusted, closes the one whose last request is the oldest', async () => {
  const all: Socket[] = [];
  for (let i = 0; i < MAX_CONNECTIONS; i++) all.push(await open());
  for (const socket of all) await ask(socket, '/ok');
  await ask(all[0] as Socket, '/ok');
  const added = await open();
  await isClosed((all[1] as Socket).resume());
  expect(await ask(added, '/ok')).toBe('200');
  expect(await ask(all[0] as Socket, '/ok')).toBe('200');
});
