// A loopback port for what must know its port before it listens.
import { createServer, type Server } from 'node:net';

/** Below the ports that systems give to outgoing connections and to listeners on port 0, so that none of those takes it meanwhile. */
const FIRST = 20_000;
const LAST = 32_000;

/** Test files that run at the same time choose from shares of their own; programs without a worker's number have the first. */
const SHARES = 16;
const SHARE = (LAST - FIRST) / SHARES;
const shareFirst = FIRST + (Number(process.env.JEST_WORKER_ID ?? 0) % SHARES) * SHARE;

/** Ports given to this test file: they may not be listened on yet. */
const given = new Set<number>();

/** A port nothing listens on and nobody was given here; with `inARow`, the first of that many. */
export async function freePort(inARow = 1): Promise<number> {
  const first = shareFirst + Math.floor(Math.random() * (SHARE - inARow + 1));
  const wanted = Array.from({ length: inARow }, (_, n) => first + n);
  if (wanted.some((port) => given.has(port))) return freePort(inARow);
  for (const port of wanted) given.add(port);
  const results = await Promise.allSettled(wanted.map(listen));
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
