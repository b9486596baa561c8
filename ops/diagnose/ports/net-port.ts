// Resolves names and opens TCP and TLS connections in separate steps, so that a failure belongs to one layer.

import { lookup } from 'node:dns/promises';
import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { checkServerIdentity, connect as connectTls, type PeerCertificate, type TLSSocket } from 'node:tls';
import { proxyFor } from '../../../bot/http-client/agents.ts';
import type { Gate } from './gate.ts';
import type { NetPort } from './ports.ts';

interface StepLimits {
  timeoutMs: number;
  signal: AbortSignal;
}

/** Creates the port to the network. The gate limits its connections. */
export function createNetPort(gate: Gate): NetPort {
  return {
    async resolve(host) {
      if (isIP(host)) return [host];
      const found = await lookup(host, { all: true });
      return found.map((entry) => entry.address);
    },
    connect: (endpoint, limits) =>
      gate.run(endpoint.host, async () => {
        const socket = connectTcp(endpoint);
        return await within(socket, limits, 'connect', () => socket.remoteAddress ?? endpoint.host);
      }),
    handshake: ({ host, port }, limits) =>
      gate.run(host, async () => {
        // Accepts any certificate, so that its problem can be reported. No data is sent on this socket.
        const socket = connectTls({
          host,
          port,
          rejectUnauthorized: false,
          ...(isIP(host) ? {} : { servername: host }),
        });
        return await within(socket, limits, 'secureConnect', () => checkCertificate(socket, host));
      }),
    proxyFor: (url) => proxyFor(new URL(url)) || undefined,
  };
}

/** Resolves with `read()` on `event`, rejects with `ETIMEDOUT` at the limit. Destroys the socket in both cases. */
function within<T>(socket: Socket, { timeoutMs, signal }: StepLimits, event: string, read: () => T): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const timer = setTimeout(() => finish(() => reject(timedOut(timeoutMs))), timeoutMs);
    const onAbort = () => finish(() => reject(timedOut(timeoutMs)));
    function finish(settle: () => void): void {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
      settle();
      socket.destroy();
    }
    signal.addEventListener('abort', onAbort, { once: true });
    socket.once(event, () => finish(() => resolve(read())));
    // This listener stays, because a later error of the socket would otherwise be an uncaught exception.
    socket.on('error', (error) => finish(() => reject(error)));
    socket.once('close', () => finish(() => reject(closedEarly())));
  });
}

function checkCertificate(socket: TLSSocket, host: string) {
  const peer = socket.getPeerCertificate();
  const wrongName = peer.subject ? checkServerIdentity(host, peer) : undefined;
  // Node.js types this as Error, but the value is the code as a string.
  const chain = socket.authorizationError as unknown as string | null;
  const code = chain ?? (wrongName ? 'ERR_TLS_CERT_ALTNAME_INVALID' : undefined);
  return {
    problem: code === undefined ? undefined : { code: String(code), message: wrongName?.message ?? String(code) },
    certificate: { subject: text(peer.subject?.CN), issuer: issuerOf(peer), validTo: toIso(peer.valid_to) },
  };
}

function issuerOf(peer: PeerCertificate): string {
  return text(peer.issuer?.O ?? peer.issuer?.CN);
}

function text(value: string | string[] | undefined): string {
  return Array.isArray(value) ? value.join(', ') : (value ?? '');
}

function toIso(date: string): string {
  const time = Date.parse(date);
  return Number.isNaN(time) ? '' : new Date(time).toISOString();
}

function timedOut(timeoutMs: number): Error {
  return Object.assign(new Error(`no answer in ${timeoutMs} ms`), { code: 'ETIMEDOUT' });
}

function closedEarly(): Error {
  return Object.assign(new Error('the other side closed the connection'), { code: 'ECONNRESET' });
}
