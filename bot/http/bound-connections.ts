// Limits the connections of a server. At the limit, a new connection replaces an existing untrusted one.
import type { Server } from 'node:http';
import type { Socket } from 'node:net';

/**
 * Limits `server` to `maxConnections`. A connection is trusted once a request on it has been answered with 2xx. At the
 * limit, closes the oldest untrusted connection for a new one. If all are trusted, closes the one whose last request is
 * the oldest. Rejecting the new connection instead would let any client lock out the platforms.
 */
export function boundConnections(server: Server, maxConnections: number): void {
  const untrusted = new Set<Socket>();
  const trusted = new Set<Socket>();

  function forget(socket: Socket): void {
    untrusted.delete(socket);
    trusted.delete(socket);
  }

  /** Removes the socket from the count at once, because its `close` event comes only after the next connections. */
  function close(socket: Socket | undefined): void {
    if (!socket) return;
    forget(socket);
    socket.destroy();
  }

  server.on('connection', (socket: Socket) => {
    if (untrusted.size + trusted.size >= maxConnections) close(first(untrusted) ?? first(trusted));
    untrusted.add(socket);
    socket.once('close', () => forget(socket));
  });
  server.on('request', ({ socket }, response) => {
    // A Set keeps the order of insertion, so move this socket to the end as the one used last.
    if (trusted.delete(socket)) {
      trusted.add(socket);
      return;
    }
    response.once('finish', () => {
      if (response.statusCode >= 300 || socket.destroyed) return;
      forget(socket);
      trusted.add(socket);
    });
  });
}

function first(sockets: Set<Socket>): Socket | undefined {
  return sockets.values().next().value;
}
