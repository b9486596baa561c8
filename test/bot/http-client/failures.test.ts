// Requests without an answer: the kind of the error, `maybeReceived`, and no secrets in its message.
import { getEventListeners } from 'node:events';
import { expect, test } from '@jest/globals';
import { toHttpClientError } from '../../../bot/http-client/classify.ts';
import { describeError } from '../../../bot/telemetry/describe-error.ts';
import { projectRoot } from '../../../ops/installation/project-root.ts';
import { freePort } from '../../support/free-port.ts';
import { PATIENCE_MS } from '../../support/patience.ts';
import { runMarked } from '../../support/spawn-marked.ts';
import { waitUntil } from '../../support/wait-until.ts';
import { errorOf, factsOf, useLoopback } from './loopback.ts';

const loopback = useLoopback();
const timeoutMs = PATIENCE_MS;

test('a refused connection fails with the kind connect', async () => {
  const port = await freePort();
  const attempt = loopback.client().request({ url: `http://127.0.0.1:${port}`, timeoutMs });
  expect(await factsOf(attempt)).toEqual({
    kind: 'connect',
    code: 'ECONNREFUSED',
    target: `127.0.0.1:${port}`,
    maybeReceived: false,
  });
});

test('a refused connection to a name with several addresses fails with the kind connect', async () => {
  const port = await freePort();
  const attempt = loopback.client().request({ url: `http://localhost:${port}`, timeoutMs });
  expect(await factsOf(attempt)).toMatchObject({ kind: 'connect', code: 'ECONNREFUSED', maybeReceived: false });
});

test('a name that does not exist fails with the kind dns', async () => {
  const error = await errorOf(loopback.client().request({ url: 'https://bot.invalid/hook/s3cret', timeoutMs }));
  const { kind, target, maybeReceived } = error;
  expect({ kind, target, maybeReceived }).toEqual({ kind: 'dns', target: 'bot.invalid:443', maybeReceived: false });
  // Without a name server the system reports EAI_AGAIN.
  expect(['ENOTFOUND', 'EAI_AGAIN']).toContain(error.code);
});

test('a connection cut after the request may have delivered it', async () => {
  const server = await loopback.serveTcp((socket) => {
    socket.once('data', () => socket.resetAndDestroy());
  });
  expect(await factsOf(loopback.client().request({ url: server.url, json: {}, timeoutMs }))).toEqual({
    kind: 'reset',
    code: 'ECONNRESET',
    target: `127.0.0.1:${server.port}`,
    maybeReceived: true,
  });
});

test('a connection cut in the middle of the answer may have delivered the request', async () => {
  const server = await loopback.serveTcp((socket) => {
    socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{"half":'));
  });
  const facts = await factsOf(loopback.client().request({ url: server.url, timeoutMs }));
  expect(facts).toMatchObject({ kind: 'reset', maybeReceived: true });
});

test('a reused connection that is cut may have delivered the request', async () => {
  const server = await loopback.serve((request, response) => {
    if (request.url === '/cut') request.socket.resetAndDestroy();
    else response.end();
  });
  const client = loopback.client();
  await client.request({ url: server.url, timeoutMs });
  const facts = await factsOf(client.request({ url: `${server.url}/cut`, timeoutMs }));
  expect(facts).toMatchObject({ kind: 'reset', code: 'ECONNRESET', maybeReceived: true });
  expect(server.connections()).toBe(1);
});

test('an answer that is not HTTP fails with the kind reset', async () => {
  const server = await loopback.serveTcp((socket) => socket.end('SSH-2.0-OpenSSH_9.2\r\n'));
  const facts = await factsOf(loopback.client().request({ url: server.url, timeoutMs }));
  expect(facts).toMatchObject({ kind: 'reset', code: 'HPE_INVALID_CONSTANT', maybeReceived: true });
});

test('an answer larger than maxBytes fails with the kind too_large', async () => {
  const server = await loopback.serve((_request, response) => response.end('x'.repeat(1_001)));
  const client = loopback.client();
  const attempt = client.request({ url: server.url, maxBytes: 1_000, timeoutMs });
  expect(await factsOf(attempt)).toMatchObject({ kind: 'too_large', code: 'max-size', maybeReceived: true });
  expect((await client.request({ url: server.url, maxBytes: 1_001, timeoutMs })).text).toHaveLength(1_001);
});

test.each([
  { when: 'before the end of the TLS handshake', scheme: 'https', reply: undefined, maybeReceived: false },
  { when: 'before the headers', scheme: 'http', reply: undefined, maybeReceived: true },
  { when: 'in the middle of the headers', scheme: 'http', reply: 'HTTP/1.1 200 OK\r\n', maybeReceived: true },
  {
    when: 'in the middle of the body',
    scheme: 'http',
    reply: 'HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{"a"',
    maybeReceived: true,
  },
])('a request times out $when', async ({ scheme, reply, maybeReceived }) => {
  const server = await loopback.serveTcp((socket) => {
    socket.once('data', () => reply && socket.write(reply));
  });
  const attempt = loopback.client().request({ url: `${scheme}://127.0.0.1:${server.port}`, timeoutMs: 1_500 });
  expect(await factsOf(attempt)).toMatchObject({ kind: 'timeout', code: 'ETIMEDOUT', maybeReceived });
});

test.each(['before the request', 'before the headers', 'in the middle of the body'])(
  'a request that the caller aborts %s fails with the kind aborted',
  async (when) => {
    const caller = new AbortController();
    const server = await loopback.serveTcp((socket) => {
      socket.once('data', () => {
        if (when.endsWith('body')) socket.write('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{"a"');
        setTimeout(() => caller.abort(), 50);
      });
    });
    if (when === 'before the request') caller.abort();
    const attempt = loopback.client().request({ url: server.url, timeoutMs, signal: caller.signal });
    expect(await factsOf(attempt)).toMatchObject({
      kind: 'aborted',
      code: 'ABORT_ERR',
      maybeReceived: when !== 'before the request',
    });
  },
);

test.each(
  ['connection refused', 'cut', 'too large'].flatMap((cause) => [
    { cause, user: '' },
    { cause, user: 'name:s3cret@' },
  ]),
)(
  'the error for an address with "$user" ($cause) and its causes contain the host, never the path or the query',
  async ({ cause, user }) => {
    const server = await loopback.serve((request, response) => {
      if (cause === 'too large') response.end('xx');
      else request.socket.resetAndDestroy();
    });
    if (cause === 'connection refused') await server.close();
    const url = `${server.url}/hook/path-s3cret?session=query-s3cret`.replace('//', `//${user}`);
    const error = await errorOf(loopback.client().request({ url, timeoutMs, maxBytes: 1 }));
    expect(error.message).toContain(`127.0.0.1:${server.port} (`);
    expect(error.cause).toBeInstanceOf(Error);
    expect(JSON.stringify(describeError(error))).not.toContain('s3cret');
  },
);

test('a request with a body and an aborted signal opens no connection', async () => {
  const server = await loopback.serve((_request, response) => void response.end('{}'));
  const signal = AbortSignal.abort();
  const attempt = loopback.client().request({ url: server.url, json: {}, timeoutMs, signal });
  expect(await factsOf(attempt)).toMatchObject({ kind: 'aborted', code: 'ABORT_ERR', maybeReceived: false });
  expect(server.connections()).toBe(0);
});

/** Runs in its own process, because in Jest's sandbox the reason of an aborted signal is no `Error`. */
test('a request with an aborted signal fails with the kind aborted, also outside of the sandbox', async () => {
  const script = `
    import { createHttpClient } from '${projectRoot()}/dist/bot/http-client/http-client.js';
    const request = { url: 'http://127.0.0.1:9', timeoutMs: 1000, signal: AbortSignal.abort() };
    await createHttpClient().request(request).catch(({ name, kind, code }) => console.log(name, kind, code));`;
  const { stdout, stderr } = await runMarked(process.execPath, ['--input-type=module', '-e', script]);
  expect({ stdout, stderr }).toEqual({ stdout: 'HttpClientError aborted ABORT_ERR\n', stderr: '' });
});

test('an error with a read-only message keeps its message', () => {
  class Fixed extends Error {
    override get message() {
      return 'given up';
    }
  }
  const cause = new Fixed();
  const phases = {};
  const failure = { url: new URL('http://127.0.0.1'), proxy: undefined, phases, timedOut: false, givenUp: true };
  expect(toHttpClientError(cause, failure)).toMatchObject({ kind: 'aborted', maybeReceived: false, cause });
});

test('a long-lived signal keeps no listener of finished requests', async () => {
  const { signal } = new AbortController();
  const server = await loopback.serve((request, response) => {
    if (request.url === '/cut') request.socket.destroy();
    else response.end('done');
  });
  const client = loopback.client();
  await client.request({ url: server.url, timeoutMs, signal });
  await factsOf(client.request({ url: `${server.url}/cut`, timeoutMs, signal }));
  for await (const _ of (await client.stream({ url: server.url, timeoutMs, signal })).chunks) break;
  await client.stream({ url: server.url, timeoutMs: 3_000, signal }); // never read
  await waitUntil('the signal has no listeners', () => getEventListeners(signal, 'abort').length === 0);
});
