// Starts an HTTP listener that shuts down gracefully.
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { boundConnections } from './bound-connections.ts';

export interface Listener {
  port: number;
  /** Stops accepting connections, closes idle ones and waits up to 2 s for unfinished requests. */
  stop(): Promise<void>;
}

export interface ListenOptions {
  app: RequestListener;
  host: string;
  port: number;
  /** Setting that changes the port, for the error message. */
  portSetting: string;
  /** Maximum concurrent connections. Default: 1,000. */
  maxConnections?: number;
  /** Called with each error after the start, such as a failed `accept`. Without it, such an error is uncaught. */
  onError?: (error: Error) => void;
}

/**
 * Default limit. A platform needs few connections. A header has at most 16 KB, so a thousand unfinished headers need
 * about 16 MB together.
 */
export const MAX_CONNECTIONS = 1_000;

/** Time until an idle connection is closed. The proxy must close it earlier (`keepalive` in `proxy/Caddyfile`). */
export const KEEP_ALIVE_MS = 65_000;

/**
 * Limits the time for receiving a request to 5 s, because Feishu gives up a callback after 3 s. See
 * https://open.feishu.cn/document/server-docs/event-subscription-guide/overview (read 2026-11).
 */
export const LISTENER_TIMEOUTS = {
  requestTimeout: 5_000,
  headersTimeout: 5_000,
  connectionsCheckingInterval: 1_000,
  keepAliveTimeout: KEEP_ALIVE_MS,
};

/** Starts listening. If the address cannot be used, rejects with an error that contains the fix for the operator. */
export function listen(options: ListenOptions): Promise<Listener> {
  const { app, maxConnections = MAX_CONNECTIONS, onError, ...address } = options;
  const { host, port } = address;
  const server = createServer(LISTENER_TIMEOUTS, app);
  boundConnections(server, maxConnections);
  return new Promise((resolve, reject) => {
    const failStart = (error: NodeJS.ErrnoException) => reject(explain(error, address));
    server.once('error', failStart);
    server.listen(port, host, () => {
      server.off('error', failStart);
      if (onError) server.on('error', onError);
      resolve({ port: (server.address() as AddressInfo).port, stop: () => close(server) });
    });
  });
}

function explain(error: NodeJS.ErrnoException, address: Pick<ListenOptions, 'host' | 'port' | 'portSetting'>): Error {
  const { host, port, portSetting } = address;
  const reasons: Record<string, string> = {
    EADDRINUSE: 'is in use by another program',
    EACCES: 'may not be used by this user',
    EADDRNOTAVAIL: 'is not an address of this machine',
  };
  const reason = reasons[error.code ?? ''] ?? `cannot be used (${error.code})`;
  const isPort = error.code === 'EADDRINUSE' || error.code === 'EACCES';
  const fix = isPort
    ? `Free it, or choose another one with ${portSetting}.`
    : `Set ${portSetting.replace('PORT', 'HOST')} to an address of this machine, such as 127.0.0.1 or 0.0.0.0.`;
  return new Error(`${host}:${port} ${reason}. ${fix}`, { cause: error });
}

/** Time for unfinished requests at shutdown. A callback is answered in milliseconds, so a slower client is cut off. */
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
