// Proxies of the environment, with real servers: which requests use a proxy, and the kinds of errors.
import { createServer, type IncomingMessage } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { proxyFor } from '../../../bot/http-client/agents.ts';
import type { HttpClientError } from '../../../bot/http-client/errors.ts';
import { freePort } from '../../support/free-port.ts';
import { PATIENCE_MS } from '../../support/patience.ts';
import { waitUntil } from '../../support/wait-until.ts';
import { type Certificate, createTrustingAgents, makeCertificate } from './certificate.ts';
import { errorOf, factsOf, useLoopback } from './loopback.ts';
import { type ProxyVariables, setEnvironment, startProxy } from './proxy.ts';

const loopback = useLoopback();
const timeoutMs = PATIENCE_MS;
let certificate: Certificate;

beforeAll(() => {
  certificate = makeCertificate();
});
afterEach(() => setEnvironment({}));

async function startTarget(scheme: string) {
  const received: (string | undefined)[] = [];
  const answer = (request: IncomingMessage, response: { end(text: string): unknown }) => {
    received.push(request.url);
    if (request.url === '/cut') request.socket.destroy();
    else response.end('by the target');
  };
  const server = await loopback.listen(
    scheme === 'https' ? createHttpsServer(certificate, answer) : createServer(answer),
  );
  return {
    ...server,
    received,
    target: `platform.invalid:${server.port}`,
    url: `${scheme}://platform.invalid:${server.port}`,
  };
}

const client = () => loopback.client(createTrustingAgents(certificate));

describe('the route', () => {
  test('sends plain requests to HTTP_PROXY with its password, and reuses the connection', async () => {
    const [proxy, target] = [await startProxy(loopback), await startTarget('http')];
    setEnvironment({ HTTP_PROXY: `http://user:p%40ss@127.0.0.1:${proxy.port}` });
    const http = client();
    const answers = [
      await http.request({ url: `${target.url}/a`, json: {}, timeoutMs }),
      await http.request({ url: `${target.url}/b`, timeoutMs }),
    ];
    expect(answers.map(({ text, phases }) => [text, phases.reusedSocket])).toEqual([
      ['by the target', false],
      ['by the target', true],
    ]);
    const auth = `Basic ${Buffer.from('user:p@ss').toString('base64')}`;
    expect(proxy.asked).toEqual([
      { line: `POST ${target.url}/a`, auth },
      { line: `GET ${target.url}/b`, auth },
    ]);
  });

  test('sends TLS through a tunnel of HTTPS_PROXY, and reuses the tunnel', async () => {
    const [proxy, target] = [await startProxy(loopback), await startTarget('https')];
    setEnvironment({ HTTPS_PROXY: proxy.url });
    const http = client();
    const first = await http.request({ url: `${target.url}/a`, json: {}, timeoutMs });
    const second = await http.request({ url: `${target.url}/b`, json: {}, timeoutMs });
    expect([first, second].map(({ text, phases }) => [text, phases])).toEqual([
      [
        'by the target',
        {
          reusedSocket: false,
          tunnelStatus: 200,
          connect: expect.any(Number),
          tls: expect.any(Number),
          firstByte: expect.any(Number),
          total: expect.any(Number),
        },
      ],
      ['by the target', { reusedSocket: true, firstByte: expect.any(Number), total: expect.any(Number) }],
    ]);
    expect(proxy.asked).toEqual([{ line: `CONNECT ${target.target}`, auth: undefined }]);
    expect(target.received).toEqual(['/a', '/b']);
    http.close();
    await waitUntil('the tunnel is gone', () => proxy.open.size + target.open.size === 0);
  });

  test.each<{ name: string; scheme: string; set: (proxy: string) => ProxyVariables; used: boolean }>([
    { name: 'ALL_PROXY', scheme: 'http', set: (proxy) => ({ ALL_PROXY: proxy }), used: true },
    { name: 'an address without its scheme', scheme: 'http', set: (p) => ({ HTTP_PROXY: p.slice(7) }), used: true },
    { name: 'an address without its scheme', scheme: 'https', set: (p) => ({ HTTPS_PROXY: p.slice(7) }), used: true },
    {
      name: 'a password with a lone %',
      scheme: 'https',
      set: (p) => ({ ALL_PROXY: `u:9%@${p.slice(7)}` }),
      used: true,
    },
    { name: 'the proxy of the other scheme', scheme: 'http', set: (proxy) => ({ HTTPS_PROXY: proxy }), used: false },
    { name: 'the proxy of the other scheme', scheme: 'https', set: (proxy) => ({ HTTP_PROXY: proxy }), used: false },
    { name: 'an empty variable', scheme: 'http', set: () => ({ HTTP_PROXY: '' }), used: false },
    {
      name: 'NO_PROXY',
      scheme: 'http',
      set: (p) => ({ HTTP_PROXY: p, NO_PROXY: 'a.b,platform.invalid' }),
      used: false,
    },
    { name: 'NO_PROXY', scheme: 'https', set: (p) => ({ HTTPS_PROXY: p, NO_PROXY: '.invalid' }), used: false },
    { name: 'NO_PROXY for another host', scheme: 'http', set: (p) => ({ HTTP_PROXY: p, NO_PROXY: 'a.b' }), used: true },
    { name: 'NO_PROXY for all hosts', scheme: 'http', set: (p) => ({ ALL_PROXY: p, NO_PROXY: '*' }), used: false },
  ])('$scheme with $name uses the proxy: $used', async ({ scheme, set, used }) => {
    const [proxy, target] = [await startProxy(loopback), await startTarget(scheme)];
    setEnvironment(set(proxy.url));
    // Only the proxy resolves the name, so a request without the proxy fails with the kind dns.
    const seen = await client()
      .request({ url: target.url, timeoutMs })
      .then(
        ({ text }) => text,
        (error: HttpClientError) => error.kind,
      );
    expect({ seen, asked: proxy.asked.length }).toEqual(
      used ? { seen: 'by the target', asked: 1 } : { seen: 'dns', asked: 0 },
    );
  });

  test.each([
    ['http://10.1.2.3:8000/v1', ''],
    ['https://10.1.2.3/v1', ''],
    ['http://[fd00::7]:8000/v1', ''],
    ['http://11.1.2.3/v1', 'http://proxy:3128'],
    ['http://[fe00::7]/v1', 'http://proxy:3128'],
    ['http://10.example/v1', 'http://proxy:3128'],
  ])('with a range in NO_PROXY, %s uses the proxy %j', (url, proxy) => {
    setEnvironment({ ALL_PROXY: 'http://proxy:3128', NO_PROXY: 'a.example,10.0.0.0/8,fd00::/8,1.2.3.4/99' });
    expect(proxyFor(new URL(url))).toBe(proxy);
  });

  test.each(['http://localhost', 'http://127.0.0.1', 'https://localhost'])(
    '%s is reached without the proxy',
    async (url) => {
      const [proxy, target] = [await startProxy(loopback), await startTarget(url.split(':')[0] ?? '')];
      setEnvironment({ ALL_PROXY: proxy.url });
      const { text } = await client().request({ url: `${url}:${target.port}`, timeoutMs });
      expect({ text, asked: proxy.asked }).toEqual({ text: 'by the target', asked: [] });
    },
  );
});

describe.each([
  { scheme: 'http', variable: 'HTTP_PROXY' },
  { scheme: 'https', variable: 'HTTPS_PROXY' },
])('a failed request over $scheme', ({ scheme, variable }) => {
  test('names the proxy that is down, without its password', async () => {
    const [port, target] = [await freePort(), await startTarget(scheme)];
    setEnvironment({ [variable]: `http://user:s3cret@127.0.0.1:${port}` });
    const error = await errorOf(client().request({ url: `${target.url}/hook`, timeoutMs }));
    const { kind, code, maybeReceived, message } = error;
    expect({ kind, code, maybeReceived, message }).toEqual({
      kind: 'proxy',
      code: 'ECONNREFUSED',
      maybeReceived: false,
      message: `No connection through the proxy 127.0.0.1:${port} to ${target.target} (ECONNREFUSED)`,
    });
  });

  test('fails with the kind proxy, not dns, if the name of the proxy does not exist', async () => {
    setEnvironment({ [variable]: 'http://gateway.invalid:3128' });
    const attempt = client().request({ url: `${scheme}://platform.invalid:1`, timeoutMs });
    expect(await factsOf(attempt)).toMatchObject({ kind: 'proxy', maybeReceived: false });
  });

  test('fails with the kind proxy if the proxy requires a password', async () => {
    const [proxy, target] = [await startProxy(loopback, { rejectWith: 407 }), await startTarget(scheme)];
    setEnvironment({ [variable]: proxy.url });
    const http = client();
    expect(await factsOf(http.request({ url: target.url, json: {}, timeoutMs }))).toEqual({
      kind: 'proxy',
      code: 'HTTP 407',
      target: target.target,
      maybeReceived: false,
    });
    expect(target.received).toEqual([]);
    await waitUntil('the connection is gone', () => proxy.open.size === 0);
  });

  test.each(['http://:3128', 'socks5://127.0.0.1:1080'])(
    'fails with the kind proxy if the proxy is no HTTP address: %s',
    async (address) => {
      setEnvironment({ [variable]: address });
      const attempt = client().request({ url: `${scheme}://platform.invalid:1`, timeoutMs });
      expect(await factsOf(attempt)).toMatchObject({ kind: 'proxy', code: 'ERR_INVALID_URL', maybeReceived: false });
    },
  );

  test('may have been received if the target closes the connection behind the proxy', async () => {
    const [proxy, target] = [await startProxy(loopback), await startTarget(scheme)];
    setEnvironment({ [variable]: proxy.url });
    const attempt = client().request({ url: `${target.url}/cut`, json: {}, timeoutMs });
    expect(await factsOf(attempt)).toMatchObject({ kind: 'reset', maybeReceived: true });
    expect(target.received).toEqual(['/cut']);
  });

  test('times out if the proxy does not answer', async () => {
    const proxy = await loopback.serveTcp((socket) => socket.resume());
    setEnvironment({ [variable]: proxy.url });
    const attempt = client().request({ url: `${scheme}://platform.invalid:1`, timeoutMs: 1_500 });
    // The proxy may have received a plain request as soon as the connection is open.
    expect(await factsOf(attempt)).toMatchObject({ kind: 'timeout', maybeReceived: scheme === 'http' });
    // A connection that hangs must not stay open.
    await waitUntil('the connection is gone', () => proxy.open.size === 0);
  });
});

test.each([403, 502])('a request whose tunnel is rejected with %s fails with the kind proxy', async (rejectWith) => {
  const [proxy, target] = [await startProxy(loopback, { rejectWith }), await startTarget('https')];
  setEnvironment({ HTTPS_PROXY: proxy.url });
  const attempt = client().request({ url: target.url, json: {}, timeoutMs });
  expect(await factsOf(attempt)).toMatchObject({ kind: 'proxy', code: `HTTP ${rejectWith}`, maybeReceived: false });
});

test('an untrusted certificate behind a tunnel fails with the kind tls', async () => {
  const [proxy, target] = [await startProxy(loopback), await startTarget('https')];
  setEnvironment({ HTTPS_PROXY: proxy.url });
  const attempt = loopback.client().request({ url: target.url, timeoutMs });
  expect(await factsOf(attempt)).toMatchObject({ kind: 'tls', code: 'DEPTH_ZERO_SELF_SIGNED_CERT' });
});
