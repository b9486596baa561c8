// A loopback port that was free a moment ago, for what must know its port before it listens.
import { once } from 'node:events';
import { createServer } from 'node:net';

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number }; // a TCP server has an address with a port
  server.close();
  await once(server, 'close');
  return port;
}
