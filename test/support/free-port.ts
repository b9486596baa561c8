// A loopback port for what must know its port before it listens.
import { createServer, type Server } from 'node:net';

/** Below the ports that systems give to outgoing connections and to listeners on port 0, so that none of those takes it meanwhile. */
const FIRST = 20_000;
const LAST = 32_000;

/** A port nothing listens on; with `inARow`, the first of that many. Chosen at random, so that test files running side by side do not meet. */
export async function freePort(inARow = 1): Promise<number> {
  const first = FIRST + Math.floor(Math.random() * (LAST - FIRST - inARow));
  const wanted = Array.from({ length: inARow }, (_, n) => listen(first + n));
  const results = await Promise.allSettled(wanted);
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
