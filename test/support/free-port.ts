// Finds a free loopback port, for programs that need their port number before they listen.
import { createServer, type Server } from 'node:net';

/**
 * First and last port. They are below the ports that systems assign to outgoing connections and to listeners on port 0,
 * so that no such connection uses the port before the program listens.
 */
const FIRST = 20_000;
const LAST = 32_000;

/** Test files that run at the same time choose from separate shares. Programs without a worker id use the first share. */
const SHARES = 16;
const SHARE = (LAST - FIRST) / SHARES;
const shareFirst = FIRST + (Number(process.env.JEST_WORKER_ID ?? 0) % SHARES) * SHARE;

/** Ports returned in this test file, which may not be in use yet. */
const returned = new Set<number>();

/** Resolves with a free port, or with the first of `inARow` consecutive free ports. Never returns a port twice. */
export async function freePort(inARow = 1): Promise<number> {
  const first = shareFirst + Math.floor(Math.random() * (SHARE - inARow + 1));
  const ports = Array.from({ length: inARow }, (_, n) => first + n);
  if (ports.some((port) => returned.has(port))) return freePort(inARow);
  for (const port of ports) returned.add(port);
  const results = await Promise.allSettled(ports.map(listen));
  const servers = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return servers.length === inARow ? first : freePort(inARow);
}

function listen(port: number): Promise<Server> {
  const server = createServer();
  return new Promise((resolve, reject) => {
    server.once('error', reject).listen(port, '127.0.0.1', () => resolve(server));
  });
}
