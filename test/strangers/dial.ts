// Connects to the bot over the loopback: to its own listener, or to the proxy's TLS in front of it.
import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';

export interface BotEndpoint {
  port: number;
  tls: boolean;
}

/** Resolves with the connection after its handshake; undefined if the connection is refused or closed before. */
export function dial({ port, tls }: BotEndpoint): Promise<Socket | undefined> {
  const options = { host: '127.0.0.1', port };
  // The proxy signs with its own local authority.
  const socket = tls
    ? connectTls({ ...options, servername: 'localhost', rejectUnauthorized: false })
    : connect({ ...options, noDelay: true });
  return new Promise((resolve) => {
    socket.once(tls ? 'secureConnect' : 'connect', () => resolve(socket));
    socket.on('error', () => undefined); // 'close' follows
    socket.once('close', () => resolve(undefined));
  });
}

/** Sends bytes over a new connection. Resolves with the status of the answer; undefined without an answer in time. */
export async function exchange(endpoint: BotEndpoint, bytes: Buffer, timeoutMs: number): Promise<number | undefined> {
  const signal = AbortSignal.timeout(timeoutMs);
  const socket = await Promise.race([dial(endpoint), aborted(signal)]);
  if (!socket) return undefined;
  socket.write(bytes);
  try {
    return await Promise.race([statusOn(socket), aborted(signal)]);
  } finally {
    socket.destroy();
  }
}

function aborted(signal: AbortSignal): Promise<undefined> {
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(undefined), { once: true }));
}

/** Resolves with the status of the first answer; undefined if the connection ends without one. */
export function statusOn(socket: Socket): Promise<number | undefined> {
  let received = '';
  return new Promise((resolve) => {
    socket.on('data', (chunk) => {
      received += chunk.toString('latin1');
      const status = /^HTTP\/1\.1 (\d{3})/.exec(received)?.[1];
      if (status !== undefined) resolve(Number(status));
    });
    socket.once('close', () => resolve(undefined));
  });
}
