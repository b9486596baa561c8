// A test may use the port of the server that the test before it has closed.
import { createServer, type Server } from 'node:http';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { freePort } from '../support/free-port.ts';

const port = await freePort();
let server: Server;

beforeEach(async () => {
  server = createServer((request, response) => request.resume().once('end', () => response.end('{}')));
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
});
afterEach(async () => {
  const closed = new Promise((resolve) => server.close(resolve));
  server.closeAllConnections();
  await closed;
});

test.each([1, 2, 3, 4])('fetch reaches server %i on the same port', async () => {
  for (let count = 0; count < 2; count += 1) {
    const response = await fetch(`http://127.0.0.1:${port}`, { method: 'POST', body: '{}' });
    await expect(response.json()).resolves.toEqual({});
  }
});
