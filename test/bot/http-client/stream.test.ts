// Streams: bodies that arrive in pieces.
import { describe, expect, test } from '@jest/globals';
import type { HttpStream } from '../../../bot/http-client/http-client.ts';
import { PATIENCE_MS } from '../../support/patience.ts';
import { waitUntil } from '../../support/wait-until.ts';
import { factsOf, useLoopback } from './loopback.ts';

const loopback = useLoopback();
const timeoutMs = PATIENCE_MS;

async function readAll({ chunks }: HttpStream): Promise<string> {
  let text = '';
  for await (const chunk of chunks) text += chunk;
  return text;
}

test('decodes a character that is split between pieces', async () => {
  const server = await loopback.serve(async (_request, response) => {
    for (const byte of Buffer.from('你好 🚀')) {
      response.write(Buffer.from([byte]));
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    response.end();
  });
  const stream = await loopback.client().stream({ url: server.url, timeoutMs });
  const pieces: string[] = [];
  for await (const piece of stream.chunks) pieces.push(piece);
  expect(pieces.join('')).toBe('你好 🚀');
  expect(pieces.length).toBeGreaterThan(1);
});

test('streams an answer with any status, and reuses the connection after the end', async () => {
  const server = await loopback.serve((_request, response) => response.writeHead(429).end('slow down'));
  const client = loopback.client();
  for (const reused of [false, true]) {
    const stream = await client.stream({ url: server.url, timeoutMs });
    const text = await readAll(stream);
    expect({ status: stream.status, text }).toEqual({ status: 429, text: 'slow down' });
    expect(stream.phases).toMatchObject({ reusedSocket: reused, total: expect.any(Number) });
  }
});

// The test environment fails this file if Node.js warns about a leak.
test('30 concurrent streams share one signal without a warning of Node.js', async () => {
  const server = await loopback.serve(async (_request, response) => {
    for (let piece = 0; piece < 50; piece += 1) {
      response.write('piece ');
      await new Promise((resolve) => setImmediate(resolve));
    }
    response.end();
  });
  const { signal } = new AbortController();
  const client = loopback.client();
  const texts = await Promise.all(
    Array.from({ length: 30 }, async () =>
      readAll(await client.stream({ url: server.url, timeoutMs: 30_000, signal })),
    ),
  );
  expect(texts).toEqual(Array(30).fill('piece '.repeat(50)));
});

/** Starts a server that sends one piece, and calls `after` 50 ms later. */
function half(after: (response: { destroy(): unknown; write(text: string): unknown }) => void) {
  return loopback.serve((_request, response) => {
    response.write('half');
    setTimeout(() => after(response), 50);
  });
}

describe('a stream', () => {
  test('that the server cuts fails with the kind reset', async () => {
    const server = await half((response) => response.destroy());
    const stream = await loopback.client().stream({ url: server.url, timeoutMs });
    expect(await factsOf(readAll(stream))).toMatchObject({ kind: 'reset', maybeReceived: true });
  });

  test('that exceeds the deadline fails with the kind timeout', async () => {
    const server = await half(() => {});
    const stream = await loopback.client().stream({ url: server.url, timeoutMs: 1_500 });
    expect(await factsOf(readAll(stream))).toMatchObject({ kind: 'timeout', code: 'ETIMEDOUT', maybeReceived: true });
  });

  test('that exceeds maxBytes fails with the kind too_large', async () => {
    const server = await half((response) => response.write('x'.repeat(100)));
    const stream = await loopback.client().stream({ url: server.url, timeoutMs, maxBytes: 100 });
    expect(await factsOf(readAll(stream))).toMatchObject({ kind: 'too_large', code: 'max-size', maybeReceived: true });
    await waitUntil('the connection is gone', () => server.open.size === 0);
  });

  test.each(['while it is read', 'before it is read'])(
    'that the caller aborts %s fails with the kind aborted',
    async (when) => {
      const caller = new AbortController();
      const server = await half(() => {});
      const stream = await loopback.client().stream({ url: server.url, timeoutMs, signal: caller.signal });
      if (when === 'before it is read') {
        caller.abort();
        await waitUntil('the connection is gone', () => server.open.size === 0);
      } else setTimeout(() => caller.abort(), 50);
      expect(await factsOf(readAll(stream))).toMatchObject({ kind: 'aborted', code: 'ABORT_ERR', maybeReceived: true });
    },
  );
});

test('closes the connection if the reader stops early', async () => {
  const server = await half(() => {});
  const stream = await loopback.client().stream({ url: server.url, timeoutMs });
  for await (const piece of stream.chunks) {
    expect(piece).toBe('half');
    break;
  }
  await waitUntil('the connection is gone', () => server.open.size === 0);
  expect(stream.phases.total).toEqual(expect.any(Number));
});

// An error of a stream without a listener would end the process, and fail this file.
test.each(['stream', 'request'] as const)('a %s aborted at any moment only throws an error', async (method) => {
  const server = await loopback.serve(async (_request, response) => {
    for (let piece = 0; piece < 20; piece += 1) {
      response.write('piece ');
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    response.end();
  });
  const client = loopback.client();
  const ends = await Promise.all(
    Array.from({ length: 60 }, async (_, moment) => {
      const stop = new AbortController();
      setTimeout(() => stop.abort(), moment / 2);
      const request = { url: server.url, timeoutMs: 60_000, signal: stop.signal };
      const read = async () =>
        method === 'request' ? (await client.request(request)).text : readAll(await client.stream(request));
      return read().then(
        () => 'read',
        (error: { kind?: string }) => error.kind,
      );
    }),
  );
  expect(ends.filter((end) => end !== 'read' && end !== 'aborted')).toEqual([]);
  // Aborts between the headers and the first read of the body.
  const stop = new AbortController();
  const stream = await client.stream({ url: server.url, timeoutMs: 60_000, signal: stop.signal });
  stop.abort();
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(await factsOf(readAll(stream))).toMatchObject({ kind: 'aborted' });
});
