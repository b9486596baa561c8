// Protects the admin listener from DNS rebinding: a website whose name resolves to this machine cannot read it.
import { hostname } from 'node:os';
import type { RequestHandler } from 'express';
import { shorten } from '../http-client/shorten.ts';

/** Names of the service and of the container in docker-compose.yml, which Prometheus and Grafana use. */
const COMPOSE_NAMES = ['bot', 'clawdbot'];

/**
 * Answers 421 if the Host header is not a name of this machine. Accepts numeric addresses, because an attacker can
 * redirect only a name. Also accepts requests without the header, because browsers always send it.
 */
export function guardHost(adminHost: string): RequestHandler {
  const names = new Set(['localhost', ...COMPOSE_NAMES, hostname(), adminHost].map((name) => name.toLowerCase()));
  return (request, response, next) => {
    const { host } = request.headers;
    if (host === undefined || isAddress(host) || names.has(hostNameOf(host))) return next();
    const error = `Unknown host name ${shorten(host)} for the admin listener. Use its address, or set ADMIN_HOST.`;
    response.status(421).json({ error });
  };
}

function isAddress(host: string): boolean {
  return /^\d{1,3}(\.\d{1,3}){3}(:\d+)?$/.test(host) || /^\[[\da-f:.]+\](:\d+)?$/i.test(host);
}

/** Returns the name without the port and without the final dot of a fully qualified name. */
function hostNameOf(host: string): string {
  return host.replace(/:\d*$/, '').replace(/\.$/, '').toLowerCase();
}
