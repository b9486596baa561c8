// Errors of a listener after its start: they are handed over, and the listener goes on.
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Server } from 'node:http';
import { expect, test } from '@jest/globals';
import { listen } from '../../../bot/http/listen.ts';

test('each error after the start is handed over, and requests are answered', async () => {
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
  const look = (message: unknown) => {
    server = (message as { server: Server }).server; // documented: https://nodejs.org/api/diagnostics_channel.html
  };
  subscribe('http.server.request.start', look);
  await ask();
  unsubscribe('http.server.request.start', look);
  if (server === undefined) throw new Error('No request reached the server.');
  return server;
}
