// Keeps other websites away from the admin listener: a page whose name was pointed at this machine (DNS rebinding).
import { hostname } from 'node:os';
import type { RequestHandler } from 'express';
import { shorten } from '../http-client/shorten.ts';

/** The service and the container of docker-compose.yml, by which Prometheus and Grafana reach the bot. */
const COMPOSE_NAMES = ['bot', 'clawdbot'];

/**
 * Answers 421 to a Host header that names something else than this machine. Numeric addresses pass, because only a
 * name can be pointed elsewhere; so do requests without the header, which no browser sends.
 */
export function guardHost(adminHost: string): RequestHandler {
  const names = new Set(['localhost', ...COMPOSE_NAMES, hostname(), adminHost].map((name) => name.toLowerCase()));
  return (request, response, next) => {
    const { host } = request.headers;
    if (host === undefined || isAddress(host) || names.has(nameIn(host))) return next();
    const error = `The admin listener does not answer to the name ${shorten(host)}. Use its address, or set ADMIN_HOST.`;
    response.status(421).json({ error });
  };
}

function isAddress(host: string): boolean {
  return /^\d{1,3}(\.\d{1,3}){3}(:\d+)?$/.test(host) || /^\[[\da-f:.]+\](:\d+)?$/i.test(host);
}

/** Without the port, and without the dot that ends a full name. */
function nameIn(host: string): string {
  return host.replace(/:\d*$/, '').replace(/\.$/, '').toLowerCase();
}
