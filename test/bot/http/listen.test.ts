// Errors of a listener after its start: they are reported, and the listener continues.
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Server } from 'node:http';
import { expect, test } from '@jest/globals';
import { listen } from '../../../bot/http/listen.ts';

test('reports each error after the start, and continues to answer requests', async () => {
  const errors: Error[] = [];
  const listener = await listen({
    app: (_request, response) => response.end('answer'),
    ...{ host: '127.0.0.1', port: 0, portSetting: 'PORT' },
    onError: (error) => errors.push(error),
  });
  const ask = async () => (await fetch(`http://127.0.0.1:${listener.port}`)).text();
  const server = await serverOf(ask);
  const failures = [new Error('accept ENFILE'), new Error('accept ENOBUFS')];
  for (const failure of failures) server.emit('error', failure); // as Node.js does when `accept` fails
  expect(errors).toEqual(failures);
  expect(await ask()).toBe('answer');
  await listener.stop();
});

async function serverOf(ask: () => Promise<string>): Promise<Server> {
  let server: Server | undefined;
  const keepServer = (message: unknown) => {
    // The message is documented at https://nodejs.org/api/diagnostics_channel.html (read 2026-11).
    server = (message as { server: Server }).server;
  };
  subscribe('http.server.request.start', keepServer);
  await ask();
  unsubscribe('http.server.request.start', keepServer);
  if (server === undefined) throw new Error('No request reached the server.');
  return server;
}
