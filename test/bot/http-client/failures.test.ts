// Requests without an answer: what they are called, whether repeating is safe, and what the error may say.
import { getEventListeners } from 'node:events';
import { expect, test } from '@jest/globals';
import { toOutgoingError } from '../../../bot/http-client/classify.ts';
import { describeError } from '../../../bot/telemetry/describe-error.ts';
import { projectRoot } from '../../../ops/installation/project-root.ts';
import { freePort } from '../../support/free-port.ts';
import { PATIENCE_MS } from '../../support/patience.ts';
import { runMarked } from '../../support/spawn-marked.ts';
import { waitUntil } from '../../support/wait-until.ts';
import { errorOf, factsOf, useLoopback } from './loopback.ts';

const loopback = useLoopback();
const timeoutMs = PATIENCE_MS;

test('a refused connection', async () => {
  const port = await freePort();
  const attempt = loopback.client().request({ url: `http://127.0.0.1:${port}`, timeoutMs });
  expect(await factsOf(attempt)).toEqual({
    kind: 'connect',
    code: 'ECONNREFUSED',
    target: `127.0.0.1:${port}`,
    maybeReceived: false,
  });
});

test('a refused connection by a name with more than one address', async () => {
  const port = await freePort();
  const attempt = loopback.client().request({ url: `http://localhost:${port}`, timeoutMs });
  expect(await factsOf(attempt)).toMatchObject({ kind: 'connect', code: 'ECONNREFUSED', maybeReceived: false });
});

test('a name that does not exist', async () => {
  const error = await errorOf(loopback.client().request({ url: 'https://bot.invalid/hook/s3cret', timeoutMs }));
  const { kind, target, maybeReceived } = error;
  expect({ kind, target, maybeReceived }).toEqual({ kind: 'dns', target: 'bot.invalid:443', maybeReceived: false });
  // Without any name server the system says EAI_AGAIN.
  expect(['ENOTFOUND', 'EAI_AGAIN']).toContain(error.code);
});

test('cut off after the request: it may have arrived', async () => {
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

test('cut off in the middle of the answer', async () => {
  const server = await loopback.serveTcp((socket) => {
    socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{"half":'));
  });
  const facts = await factsOf(loopback.client().request({ url: server.url, timeoutMs }));
  expect(facts).toMatchObject({ kind: 'reset', maybeReceived: true });
});

test('cut off on a connection that was used before', async () => {
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

test('an answer that is no HTTP', async () => {
  const server = await loopback.serveTcp((socket) => socket.end('SSH-2.0-OpenSSH_9.2\r\n'));
  const facts = await factsOf(loopback.client().request({ url: server.url, timeoutMs }));
  expect(facts).toMatchObject({ kind: 'reset', code: 'HPE_INVALID_CONSTANT', maybeReceived: true });
});

test('an answer larger than allowed', async () => {
  const server = await loopback.serve((_request, response) => response.end('x'.repeat(1_001)));
  const client = loopback.client();
  const attempt = client.request({ url: server.url, maxBytes: 1_000, timeoutMs });
  expect(await factsOf(attempt)).toMatchObject({ kind: 'too_large', code: 'max-size', maybeReceived: true });
  expect((await client.request({ url: server.url, maxBytes: 1_001, timeoutMs })).text).toHaveLength(1_001);
});

test.each([
  { when: 'before TLS is agreed', scheme: 'https', said: undefined, maybeReceived: false },
  { when: 'before the headers', scheme: 'http', said: undefined, maybeReceived: true },
  { when: 'in the middle of the headers', scheme: 'http', said: 'HTTP/1.1 200 OK\r\n', maybeReceived: true },
  {
    when: 'in the middle of the body',
    scheme: 'http',
    said: 'HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{"a"',
    maybeReceived: true,
  },
])('the deadline ends a request $when', async ({ scheme, said, maybeReceived }) => {
  const server = await loopback.serveTcp((socket) => {
    socket.once('data', () => said && socket.write(said));
  });
  const attempt = loopback.client().request({ url: `${scheme}://127.0.0.1:${server.port}`, timeoutMs: 1_500 });
  expect(await factsOf(attempt)).toMatchObject({ kind: 'timeout', code: 'ETIMEDOUT', maybeReceived });
});

test.each(['before the request', 'before the headers', 'in the middle of the body'])(
  'the caller gives up %s',
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
  ['refused', 'cut', 'too large'].flatMap((how) => [
    { how, user: '' },
    { how, user: 'name:s3cret@' },
  ]),
)(
  'the error of an address with "$user" ($how) names the host, never path or query, in no cause either',
  async ({ how, user }) => {
    const server = await loopback.serve((request, response) => {
      if (how === 'too large') response.end('xx');
      else request.socket.resetAndDestroy();
    });
    if (how === 'refused') await server.close();
    const url = `${server.url}/hook/path-s3cret?session=query-s3cret`.replace('//', `//${user}`);
    const error = await errorOf(loopback.client().request({ url, timeoutMs, maxBytes: 1 }));
    expect(error.message).toContain(`127.0.0.1:${server.port} (`);
    expect(error.cause).toBeInstanceOf(Error);
    expect(JSON.stringify(describeError(error))).not.toContain('s3cret');
  },
);

test('a request with a body that is given up before it begins reaches nobody', async () => {
  const server = await loopback.serve((_request, response) => void response.end('{}'));
  const signal = AbortSignal.abort();
  const attempt = loopback.client().request({ url: server.url, json: {}, timeoutMs, signal });
  expect(await factsOf(attempt)).toMatchObject({ kind: 'aborted', code: 'ABORT_ERR', maybeReceived: false });
  expect(server.connections()).toBe(0);
});

/** A process of its own: in Jest's sandbox the reason of an aborted signal is no `Error`, so it cannot fail there. */
test('a request that is given up before it begins is so outside of the sandbox, too', async () => {
  const script = `
    import { createHttpClient } from '${projectRoot()}/dist/bot/http-client/http-client.js';
    const request = { url: 'http://127.0.0.1:9', timeoutMs: 1000, signal: AbortSignal.abort() };
    await createHttpClient().request(request).catch(({ name, kind, code }) => console.log(name, kind, code));`;
  const { stdout, stderr } = await runMarked(process.execPath, ['--input-type=module', '-e', script]);
  expect({ stdout, stderr }).toEqual({ stdout: 'HttpClientError aborted ABORT_ERR\n', stderr: '' });
});

test('an error whose message cannot be written keeps it', () => {
  class Fixed extends Error {
    override get message() {
      return 'given up';
    }
  }
  const cause = new Fixed();
  const phases = {};
  const failure = { url: new URL('http://127.0.0.1'), proxy: undefined, phases, timedOut: false, givenUp: true };
  expect(toOutgoingError(cause, failure)).toMatchObject({ kind: 'aborted', maybeReceived: false, cause });
});

test('a signal that lives as long as the process keeps nothing of requests that have ended', async () => {
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
  await waitUntil('nothing listens', () => getEventListeners(signal, 'abort').length === 0);
});
