// An HTTP listener on the loopback address that can close completely and reopen on the same port.
import { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import type { Duplex } from 'node:stream';
import { CommandError } from '../../process/command-error.ts';

const loopback = '127.0.0.1';

/** A listener. `close` cuts every connection, `open` listens again on the same port. */
export interface Listener {
  readonly url: string;
  readonly port: number;
  /** Registers the handler of WebSocket handshakes. */
  onUpgrade(upgrade: Upgrade): void;
  open(): Promise<void>;
  close(): Promise<void>;
}

/** Handles the connection of a WebSocket handshake. */
type Upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer) => void;

/**
 * Range of the ports to choose from. It is below the ports that systems give to outgoing connections. An outgoing
 * connection could take one of those while the listener is closed.
 */
const FIRST_PORT = 12_000;
const LAST_PORT = 18_000;
const ATTEMPTS = 20;

/**
 * Opens a listener for `handler`. Port 0 selects a free port.
 * @throws CommandError that names the fix if the port is in use
 */
export async function listen(name: string, port: number, handler: RequestListener): Promise<Listener> {
  const server = createServer(handler);
  // The server does not track connections that became WebSockets, but waits for them when it closes.
  const upgraded = new Set<Duplex>();
  let bound = port;
  const open = async () => {
    if (server.listening) return;
    await new Promise<void>((resolve, reject) => {
      server.once('error', (error) => reject(explain(error, name, bound)));
      server.listen(bound, loopback, resolve);
    });
    server.removeAllListeners('error');
    server.on('error', () => {}); // such as too many open files; the next connection may succeed
  };
  const close = async () => {
    if (!server.listening) return;
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    server.closeAllConnections();
    for (const socket of upgraded) socket.destroy();
    await closed;
  };
  const onUpgrade = (upgrade: Upgrade) => {
    server.on('upgrade', (request, socket: Duplex, head: Buffer) => {
      upgraded.add(socket);
      socket.on('error', () => {}); // the close event follows
      socket.once('close', () => upgraded.delete(socket));
      upgrade(request, socket, head);
    });
  };
  for (let attempts = port === 0 ? ATTEMPTS : 1; !server.listening; attempts -= 1) {
    if (port === 0) bound = randomPort();
    await open().catch((error: unknown) => {
      if (attempts === 1 || !(error instanceof CommandError)) throw error;
    });
  }
  return { url: `http://${loopback}:${bound}`, port: bound, onUpgrade, open, close };
}

const randomPort = (): number => FIRST_PORT + Math.floor(Math.random() * (LAST_PORT - FIRST_PORT));

function explain(error: NodeJS.ErrnoException, name: string, port: number): Error {
  if (error.code !== 'EADDRINUSE') return error;
  return new CommandError(
    `Port ${port} (lab, ${name}) is taken by another program. Stop that program, or set LAB_PORT to the first of four free ports.`,
    { cause: error },
  );
}
