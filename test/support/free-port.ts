// Finds a free loopback port, for programs that need their port number before they listen.
import { createServer, type Server } from 'node:net';

/**
 * First and last port. They are below the ports that systems assign to outgoing connections and to listeners on port 0,
 * so that no such connection uses the port before the program listens.
 */
const FIRST = 20_000;
const LAST = 32_000;

/**
 * Resolves with a free port, or with the first of `inARow` consecutive free ports. The choice is random, so that
 * concurrent test files do not choose the same one.
 */
export async function freePort(inARow = 1): Promise<number> {
  const first = FIRST + Math.floor(Math.random() * (LAST - FIRST - inARow));
  const attempts = Array.from({ length: inARow }, (_, n) => listen(first + n));
  const results = await Promise.allSettled(attempts);
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
