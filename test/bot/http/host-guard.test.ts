// Host names that the admin listener accepts.
import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { hostname } from 'node:os';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import express from 'express';
import { guardHost } from '../../../bot/http/host-guard.ts';

let server: Server;

beforeAll(async () => {
  const app = express();
  app.use(guardHost('admin.corp.example'));
  app.get('/status', (_request, response) => {
    response.json({});
  });
  server = createServer(app);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterAll(() => {
  server.close();
});

function statusFor(head: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1', () => socket.write(head));
    socket.once('data', (chunk) => {
      socket.destroy();
      resolve(Number(String(chunk).slice(9, 12)));
    });
    socket.once('error', reject);
  });
}

const named = (host: string) => statusFor(`GET /status HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);

test.each([
  'localhost:18790',
  'localhost',
  'LOCALHOST:1',
  '127.0.0.1:18790',
  '127.0.0.1',
  '[::1]:18790',
  '192.168.1.7:18790',
  'bot:18790',
  'clawdbot:18790',
  'admin.corp.example:18790',
  'admin.corp.example.',
  `${hostname()}:18790`,
])('accepts the host %s', async (host) => {
  expect(await named(host)).toBe(200);
});

test.each([
  'evil.example',
  'evil.example:18790',
  'bot.evil.example:18790',
  'localhost.evil.example',
  '127.0.0.1.evil.example:18790',
  '1.2.3.4.5',
  'evil.example#localhost',
  'localhost:18790@evil.example',
  '[::1].evil.example',
  '',
])('rejects the host "%s"', async (host) => {
  expect(await named(host)).toBe(421);
});

test('accepts a request without a Host header, which HTTP 1.0 allows', async () => {
  expect(await statusFor('GET /status HTTP/1.0\r\n\r\n')).toBe(200);
});
