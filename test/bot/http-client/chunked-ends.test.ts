// Chunked answers, cut into two packets or cut off at every position: a whole one is whole, any other an error.
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

/** Sends the packets one after the other, then ends the connection, as it said it would. */
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

/** Whole at once, and piece by piece to a reader that takes longer than the connection lives. */
const ways: Record<string, (client: HttpClient, url: string) => Promise<string>> = {
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

async function attempt(way: string, { headers }: Shape, packets: readonly Buffer[]): Promise<string> {
  const server = await loopback.serveTcp((socket) => void send(socket, headers, packets));
  const answer = ways[way]?.(loopback.client(), server.url);
  return answer ?? Promise.reject(new Error(way));
}

const cases = shapes.flatMap((shape) =>
  Object.keys(ways).map((way) => ({ way, shape, name: `${shape.name}, ${way}` })),
);

describe.each(cases)('$name', ({ way, shape }) => {
  const whole = chunked(shape.body);
  const positions = Array.from({ length: whole.length - 1 }, (_, index) => index + 1);

  test('whole, whatever the two packets are', async () => {
    const ends = positions.map((at) => attempt(way, shape, [whole.subarray(0, at), whole.subarray(at)]));
    expect(await Promise.all(ends)).toEqual(positions.map(() => text));
  });

  test.each(['0\r\nx-check: 1\r\n\r\n', '0;x=1\r\n\r\n', '000\r\n\r\n'])('whole with the end %j', async (end) => {
    const [start, rest] = [chunked(shape.body, ''), Buffer.from(end)];
    expect(await attempt(way, shape, [start, rest])).toBe(text);
    expect(await attempt(way, shape, [Buffer.concat([start, rest])])).toBe(text);
  });

  test('an error when it is cut off', async () => {
    const errors = await Promise.all(positions.map((at) => errorOf(attempt(way, shape, [whole.subarray(0, at)]))));
    expect(errors).toEqual(positions.map(() => expect.objectContaining({ kind: 'reset', maybeReceived: true })));
  });
});
