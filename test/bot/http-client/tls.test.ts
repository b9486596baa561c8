// TLS: trusted and untrusted certificates, a certificate for another name, and a server without TLS.
import { createServer } from 'node:https';
import { beforeAll, expect, test } from '@jest/globals';
import { PATIENCE_MS } from '../../support/patience.ts';
import { type Certificate, createTrustingAgents, makeCertificate } from './certificate.ts';
import { errorOf, factsOf, useLoopback } from './loopback.ts';

const loopback = useLoopback();
const timeoutMs = PATIENCE_MS;
let certificate: Certificate;
beforeAll(() => {
  certificate = makeCertificate();
});

async function serveTls() {
  const received: (string | undefined)[] = [];
  const server = await loopback.listen(
    createServer(certificate, (request, response) => {
      received.push(request.url);
      response.end('{}');
    }),
  );
  return { ...server, received, url: `https://localhost:${server.port}` };
}

test('connects with a trusted certificate, reports the phases, and reuses the connection', async () => {
  const server = await serveTls();
  const client = loopback.client(createTrustingAgents(certificate));
  const { phases } = await client.request({ url: server.url, timeoutMs });
  expect(phases).toEqual({
    reusedSocket: false,
    dns: expect.any(Number),
    connect: expect.any(Number),
    tls: expect.any(Number),
    firstByte: expect.any(Number),
    total: expect.any(Number),
  });
  const { dns = -1, connect = -1, tls = -1, firstByte = -1 } = phases;
  const inOrder = [dns, connect, tls, firstByte];
  expect(inOrder).toEqual(inOrder.toSorted((a, b) => a - b));
  const again = await client.request({ url: server.url, timeoutMs });
  expect({ reused: again.phases.reusedSocket, connections: server.connections() }).toEqual({
    reused: true,
    connections: 1,
  });
});

test('rejects an untrusted certificate before it sends the request', async () => {
  const server = await serveTls();
  const error = await errorOf(loopback.client().request({ url: server.url, json: { text: 'hello' }, timeoutMs }));
  const { kind, code, target, maybeReceived, message } = error;
  expect({ kind, code, target, maybeReceived, message }).toEqual({
    kind: 'tls',
    code: 'DEPTH_ZERO_SELF_SIGNED_CERT',
    target: `localhost:${server.port}`,
    maybeReceived: false,
    message: `TLS failed with localhost:${server.port} (DEPTH_ZERO_SELF_SIGNED_CERT)`,
  });
  expect(server.received).toEqual([]);
});

test('rejects a certificate for another name', async () => {
  const server = await serveTls();
  const client = loopback.client(createTrustingAgents(certificate));
  const attempt = client.request({ url: `https://127.0.0.1:${server.port}`, timeoutMs });
  expect(await factsOf(attempt)).toMatchObject({ kind: 'tls', code: 'ERR_TLS_CERT_ALTNAME_INVALID' });
});

test('a request over TLS to a server with plain HTTP fails with the kind tls', async () => {
  const server = await loopback.serve((_request, response) => response.end());
  const attempt = loopback.client().request({ url: `https://127.0.0.1:${server.port}`, timeoutMs });
  const facts = await factsOf(attempt);
  expect(facts).toMatchObject({ kind: 'tls', maybeReceived: false });
});

test('a connection cut during the TLS handshake, as by some firewalls, fails with the kind tls', async () => {
  const server = await loopback.serveTcp((socket) => {
    socket.once('data', () => socket.resetAndDestroy());
  });
  const attempt = loopback.client().request({ url: `https://127.0.0.1:${server.port}`, timeoutMs });
  expect(await factsOf(attempt)).toMatchObject({ kind: 'tls', code: 'ECONNRESET', maybeReceived: false });
});
