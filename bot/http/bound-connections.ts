// Bounds the connections of a server. Beyond it a stranger's connection is closed for the newcomer.
import type { Server } from 'node:http';
import type { Socket } from 'node:net';

/**
 * A connection is known once a request on it had a 2xx answer. Above `most` the oldest connection that is not known is
 * closed, else the known one that was silent longest. Refusing the newcomer instead would let strangers lock out the
 * platforms.
 */
export function boundConnections(server: Server, most: number): void {
  const strangers = new Set<Socket>();
  const known = new Set<Socket>();

  function forget(socket: Socket): void {
    strangers.delete(socket);
    known.delete(socket);
  }

  /** Counts at once: the event `close` comes after the next connections. */
  function close(socket: Socket | undefined): void {
    if (!socket) return;
    forget(socket);
    socket.destroy();
  }

  server.on('connection', (socket: Socket) => {
    if (strangers.size + known.size >= most) close(first(strangers) ?? first(known));
    strangers.add(socket);
    socket.once('close', () => forget(socket));
  });
  server.on('request', ({ socket }, response) => {
    // A Set keeps the order of insertion: the last one is the most recent.
    if (known.delete(socket)) {
      known.add(socket);
      return;
    }
    response.once('finish', () => {
      if (response.statusCode >= 300 || socket.destroyed) return;
      forget(socket);
      known.add(socket);
    });
  });
}

function first(sockets: Set<Socket>): Socket | undefined {
  return sockets.values().next().value;
}
