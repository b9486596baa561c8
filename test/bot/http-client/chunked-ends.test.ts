// Chunked answers, split into two packets or cut off at every position: only complete answers succeed.
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import type { HttpClient } from '../../../bot/http-client/http-client.ts';
import { PATIENCE_MS } from '../../support/patience.ts';
import { errorOf, useLoopback } from './loopback.ts';

const loopback = useLoopback();
const timeoutMs = PATIENCE_MS;
const text = '{"errcode":0,"errmsg":"ok"}';

interface Shape {
  name: string;
  headers: string;
  body: Buffer;
}
const shapes: Shape[] = [
  { name: 'plain', headers: '', body: Buffer.from(text) },
  { name: 'compressed', headers: 'content-encoding: gzip\r\n', body: gzipSync(text) },
];
const chunked = (body: Buffer, end = '0\r\n\r\n') =>
  Buffer.concat([Buffer.from(`${body.length.toString(16)}\r\n`), body, Buffer.from(`\r\n${end}`)]);

/** Sends the packets one by one, then ends the connection, as its header `connection: close` announces. */
async function send(socket: Socket, headers: string, packets: readonly Buffer[]): Promise<void> {
  socket.setNoDelay(true);
  await once(socket, 'data');
  socket.write(`HTTP/1.1 200 OK\r\nconnection: close\r\n${headers}transfer-encoding: chunked\r\n\r\n`);
  for (const packet of packets) {
    await sleep(5);
    socket.write(packet);
  }
  socket.end();
}

/** Methods of the client. The reader of `stream` is slower than the server, which closes the connection first. */
const methods: Record<string, (client: HttpClient, url: string) => Promise<string>> = {
  request: async (client, url) => (await client.request({ url, json: {}, timeoutMs })).text,
  stream: async (client, url) => {
    let read = '';
    for await (const piece of (await client.stream({ url, json: {}, timeoutMs })).chunks) {
      read += piece;
      await sleep(20);
    }
    return read;
  },
};

async function attempt(method: string, { headers }: Shape, packets: readonly Buffer[]): Promise<string> {
  const server = await loopback.serveTcp((socket) => void send(socket, headers, packets));
  const answer = methods[method]?.(loopback.client(), server.url);
  return answer ?? Promise.reject(new Error(method));
}

const cases = shapes.flatMap((shape) =>
  Object.keys(methods).map((method) => ({ method, shape, name: `a ${shape.name} answer, read by ${method}` })),
);

describe.each(cases)('$name', ({ method, shape }) => {
  const complete = chunked(shape.body);
  const positions = Array.from({ length: complete.length - 1 }, (_, index) => index + 1);

  test('is complete, at any border of two packets', async () => {
    const ends = positions.map((at) => attempt(method, shape, [complete.subarray(0, at), complete.subarray(at)]));
    expect(await Promise.all(ends)).toEqual(positions.map(() => text));
  });

  test.each(['0\r\nx-check: 1\r\n\r\n', '0;x=1\r\n\r\n', '000\r\n\r\n'])('is complete with the end %j', async (end) => {
    const [start, rest] = [chunked(shape.body, ''), Buffer.from(end)];
    expect(await attempt(method, shape, [start, rest])).toBe(text);
    expect(await attempt(method, shape, [Buffer.concat([start, rest])])).toBe(text);
  });

  test('fails if it is cut off', async () => {
    const errors = await Promise.all(
      positions.map((at) => errorOf(attempt(method, shape, [complete.subarray(0, at)]))),
    );
    expect(errors).toEqual(positions.map(() => expect.objectContaining({ kind: 'reset', maybeReceived: true })));
  });
});
