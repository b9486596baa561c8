// Memory budget shared by all unfinished bodies, tested with requests to a real server.
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { type BodyReader, createBodyReader, type ReadBody } from '../../../bot/http/body-reader.ts';
import { waitUntil } from '../../support/wait-until.ts';

const BUDGET = 100_000;
const MAX_BODY = 50_000;
let server: Server;
let bodies: BodyReader;
let results: Map<string, ReadBody>;
const sockets: Socket[] = [];

beforeEach(async () => {
  bodies = createBodyReader(BUDGET);
  results = new Map();
  server = createServer(async (request: IncomingMessage, response) => {
    const proven = request.headers['x-proven'] !== undefined;
    results.set(request.url ?? '', await bodies.read(request, { maxBytes: MAX_BODY, proven }));
    response.end();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
  server.closeAllConnections();
  server.close();
});

/** Starts a request and sends only the first `bytes` of its body. */
function begin(path: string, bytes: number, header = '', length = MAX_BODY): Socket {
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  sockets.push(socket);
  socket.on('error', () => undefined);
  socket.write(`POST ${path} HTTP/1.1\r\nhost: x\r\ncontent-length: ${length}\r\n${header}\r\n${'x'.repeat(bytes)}`);
  return socket;
}

const ended = (path: string) => waitUntil(`${path} has ended`, () => results.get(path));

test('returns a complete body unchanged, also if it arrives in several chunks', async () => {
  const socket = begin('/a', MAX_BODY / 2);
  setTimeout(() => socket.write('y'.repeat(MAX_BODY / 2)), 50);
  expect((await ended('/a')).toString()).toBe('x'.repeat(MAX_BODY / 2) + 'y'.repeat(MAX_BODY / 2));
});

test('gives up the largest body if the budget is exceeded, and reads a small one', async () => {
  begin('/large', 45_000);
  begin('/middle', 30_000);
  await waitUntil('both requests have started', () => server.listenerCount('request') > 0);
  const small = begin('/small', 1_000, '', 2_000);
  begin('/late', 40_000);
  expect(await ended('/large')).toBe('overloaded');
  small.write('x'.repeat(1_000));
  expect(Buffer.isBuffer(await ended('/small'))).toBe(true);
  expect(results.has('/middle')).toBe(false);
});

test('gives up the body of a proven sender last', async () => {
  begin('/proven', 45_000, 'x-proven: 1\r\n');
  begin('/unproven', 30_000);
  begin('/other', 40_000);
  expect(await ended('/other')).toBe('overloaded');
  expect([...results.keys()]).toEqual(['/other']);
});

test('counts the memory overhead of each chunk', async () => {
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  sockets.push(socket);
  socket.write('POST /chunks HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n');
  socket.write('1\r\nx\r\n'.repeat(1_000));
  expect(await ended('/chunks')).toBe('overloaded');
});

test('rejects a body in thousands of chunks, with little CPU time', async () => {
  bodies = createBodyReader(100_000_000);
  const before = process.cpuUsage();
  for (let i = 0; i < 10; i++) {
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
    socket.on('error', () => undefined);
    sockets.push(socket);
    socket.write(`POST /chunks${i} HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n`);
    socket.write('1\r\nx\r\n'.repeat(49_000));
    expect(await ended(`/chunks${i}`)).toBe('too_large');
  }
  const { user, system } = process.cpuUsage(before);
  expect((user + system) / 1e6).toBeLessThan(3);
});

test('a finished body releases its share of the budget', async () => {
  for (let i = 0; i < 20; i++) {
    begin(`/complete${i}`, MAX_BODY);
    expect(Buffer.isBuffer(await ended(`/complete${i}`))).toBe(true);
    begin(`/cut${i}`, 40_000).end();
    expect(await ended(`/cut${i}`)).toBe('incomplete_body');
  }
});

test('rejects a body as soon as it exceeds the maximum length', async () => {
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  sockets.push(socket);
  const length = (MAX_BODY + 1).toString(16);
  socket.write(`POST /long HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n${length}\r\n`);
  socket.write('x'.repeat(MAX_BODY + 1));
  expect(await ended('/long')).toBe('too_large');
});
