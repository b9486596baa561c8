// Name resolution, TCP and TLS, one step at a time, so that a failure has a layer.

import { lookup } from 'node:dns/promises';
import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { checkServerIdentity, connect as connectTls, type PeerCertificate, type TLSSocket } from 'node:tls';
import { proxyFor } from '../../../bot/http-client/agents.ts';
import type { Gate } from './gate.ts';
import type { NetPort } from './ports.ts';

interface Limits {
  timeoutMs: number;
  signal: AbortSignal;
}

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
        // Accepting any certificate here shows everything that is wrong with it; nothing is sent on this socket.
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

/** Resolves with `read()` when `event` comes; rejects with ETIMEDOUT at the limit. The socket is gone either way. */
function within<T>(socket: Socket, { timeoutMs, signal }: Limits, event: string, read: () => T): Promise<T> {
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
    // Stays attached: an error that follows the end must not become an uncaught exception.
    socket.on('error', (error) => finish(() => reject(error)));
    socket.once('close', () => finish(() => reject(closedEarly())));
  });
}

function checkCertificate(socket: TLSSocket, host: string) {
  const peer = socket.getPeerCertificate();
  const wrongName = peer.subject ? checkServerIdentity(host, peer) : undefined;
  // Node types this as Error, but it holds the code as a string.
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
