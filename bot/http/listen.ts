// A listener that can be stopped in order.
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { boundConnections } from './bound-connections.ts';

export interface Listener {
  port: number;
  /** Takes no new connection, ends idle ones, waits for requests under way. */
  stop(): Promise<void>;
}

export interface ListenOptions {
  app: RequestListener;
  host: string;
  port: number;
  /** The setting that moves the port, for the error text. */
  portSetting: string;
  /** Most connections at a time. */
  maxConnections?: number;
  /** Called with each error after the start, such as a failed `accept`. Without it such an error is uncaught. */
  onError?: (error: Error) => void;
}

/** A platform needs few connections; a thousand with half a header each take some 16 MB. */
const MAX_CONNECTIONS = 1_000;

/** An idle connection is ended after this long. The proxy has to end it before (`keepalive` in `proxy/Caddyfile`). */
export const KEEP_ALIVE_MS = 65_000;

/**
 * A request has to arrive within 5 s: Feishu gives a callback up after 3 s
 * (https://open.feishu.cn/document/server-docs/event-subscription-guide/overview).
 */
const TIMEOUTS = {
  requestTimeout: 5_000,
  headersTimeout: 5_000,
  connectionsCheckingInterval: 1_000,
  keepAliveTimeout: KEEP_ALIVE_MS,
};

/** Rejects with a text for the operator when the port is taken or not allowed. */
export function listen(options: ListenOptions): Promise<Listener> {
  const { app, maxConnections = MAX_CONNECTIONS, onError, ...where } = options;
  const { host, port } = where;
  const server = createServer(TIMEOUTS, app);
  boundConnections(server, maxConnections);
  return new Promise((resolve, reject) => {
    const failStart = (error: NodeJS.ErrnoException) => reject(explain(error, where));
    server.once('error', failStart);
    server.listen(port, host, () => {
      server.off('error', failStart);
      if (onError) server.on('error', onError);
      resolve({ port: (server.address() as AddressInfo).port, stop: () => close(server) });
    });
  });
}

function explain(error: NodeJS.ErrnoException, where: Pick<ListenOptions, 'host' | 'port' | 'portSetting'>): Error {
  const { host, port, portSetting } = where;
  const why: Record<string, string> = {
    EADDRINUSE: 'is taken by another program',
    EACCES: 'may not be used by this user',
    EADDRNOTAVAIL: 'is not an address of this machine',
  };
  const reason = why[error.code ?? ''] ?? `cannot be used (${error.code})`;
  const isPort = error.code === 'EADDRINUSE' || error.code === 'EACCES';
  const fix = isPort
    ? `Free it, or choose another one with ${portSetting}.`
    : `Set ${portSetting.replace('PORT', 'HOST')} to an address of this machine, such as 127.0.0.1 or 0.0.0.0.`;
  return new Error(`${host}:${port} ${reason}. ${fix}`, { cause: error });
}

/** A callback is answered in milliseconds; whoever is still sending after this long does not mean to finish. */
const CLOSE_GRACE_MS = 2_000;

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => server.closeAllConnections(), CLOSE_GRACE_MS);
    server.close(() => {
      clearTimeout(timer);
      resolve();
    });
    server.closeIdleConnections();
  });
}
