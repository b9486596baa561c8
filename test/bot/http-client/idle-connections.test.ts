// Idle connections are closed before the server closes them, and are reused without listeners of earlier requests.
import { Agent } from 'node:http';
import { setImmediate, setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { createAgents } from '../../../bot/http-client/agents.ts';
import { PATIENCE_MS } from '../../support/patience.ts';
import { useLoopback } from './loopback.ts';

const loopback = useLoopback();

test('an idle connection is closed before the server closes it', async () => {
  // This server never closes connections. Node's own servers close idle connections after 5 s.
  const server = await loopback.serveTcp((socket) =>
    socket.on('data', () => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}')),
  );
  await loopback.client().request({ url: server.url, timeoutMs: PATIENCE_MS });
  expect(server.open.size).toBe(1);
  // Both timers run in this process, so the timer of the connection fires first, even if both are late.
  await sleep(4_900);
  for (let round = 0; round < 20; round += 1) await setImmediate();
  expect(server.open.size).toBe(0);
});

test('a connection that requests waited for has no listeners of earlier requests', async () => {
  const server = await loopback.serve((_request, response) => response.end('{}'));
  const agents = createAgents();
  const client = loopback.client(agents);
  await Promise.all(Array.from({ length: 640 }, () => client.request({ url: server.url, timeoutMs: PATIENCE_MS })));
  const { agent } = agents.for(new URL(server.url));
  const idle = Object.values(agent instanceof Agent ? agent.freeSockets : {}).flatMap((sockets) => sockets ?? []);
  expect(idle.length).toBeGreaterThan(0);
  expect(idle.map((socket) => socket.listenerCount('secureConnect'))).toEqual(idle.map(() => 0));
});
