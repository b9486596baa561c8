// Long connections through a proxy of the environment: a tunnel with TLS inside, and a hanging proxy.
import { createServer as createHttpsServer } from 'node:https';
import { afterEach, beforeAll, expect, test } from '@jest/globals';
import { WebSocketServer } from 'ws';
import { type LinkOptions, openLink } from '../../../bot/connections/link.ts';
import { TIMING } from '../../../bot/domain/connection.ts';
import { PATIENCE_MS } from '../../support/patience.ts';
import { waitUntil } from '../../support/wait-until.ts';
import { type Certificate, createTrustingAgents, makeCertificate } from '../http-client/certificate.ts';
import { useLoopback } from '../http-client/loopback.ts';
import { setEnvironment, startProxy } from '../http-client/proxy.ts';

const loopback = useLoopback();
let certificate: Certificate;

beforeAll(() => {
  certificate = makeCertificate();
});
afterEach(() => setEnvironment({}));

/** Returns options of a link to `url` that records each frame. */
function linkTo(url: string, received: string[], openMs = PATIENCE_MS): LinkOptions {
  const nothing = () => undefined;
  return {
    endpoint: {
      url,
      createSession: () => ({
        pingEveryMs: () => 10 * PATIENCE_MS,
        ping: nothing,
        receive: async (data) => void received.push(String(data)),
      }),
    },
    agents: createTrustingAgents(certificate),
    timing: { ...TIMING, openMs },
    signal: new AbortController().signal,
    store: async () => true,
    onFrame: nothing,
    onUnreadable: nothing,
    onClosed: nothing,
  };
}

test('opens a connection through a tunnel of HTTPS_PROXY', async () => {
  const proxy = await startProxy(loopback);
  const server = createHttpsServer(certificate);
  new WebSocketServer({ server }).on('connection', (socket) => socket.send('hello'));
  const { port } = await loopback.listen(server);
  setEnvironment({ HTTPS_PROXY: proxy.url });
  const received: string[] = [];
  const link = await openLink(linkTo(`wss://platform.invalid:${port}/connect?ticket=t`, received));
  await waitUntil('a frame', () => received.length === 1);
  await link.close();
  expect(received).toEqual(['hello']);
  expect(proxy.asked.map(({ line }) => line)).toEqual([`CONNECT platform.invalid:${port}`]);
});

test('times out at each attempt if the proxy accepts the request and never answers', async () => {
  const proxy = await loopback.serveTcp((socket) => void socket.resume());
  setEnvironment({ HTTPS_PROXY: proxy.url });
  for (const round of [1, 2]) {
    const error = { code: 'ETIMEDOUT', message: 'the handshake was not answered within 100 ms' };
    await expect(openLink(linkTo('wss://platform.invalid/connect?ticket=t', [], 100))).rejects.toMatchObject(error);
    expect(proxy.connections()).toBe(round);
    await waitUntil('nothing is left open', () => proxy.open.size === 0);
  }
});
