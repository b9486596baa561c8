// The runtime prints no warning, such as one about too many listeners, while a caller has many long streams.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, expect, test } from '@jest/globals';
import { projectRoot } from '../../../ops/installation/project-root.ts';
import { spawnMarked } from '../../support/spawn-marked.ts';
import { contentChunk, events } from './endpoint.ts';

const server = createServer((_request, response) => {
  response.write(events(contentChunk('Hello')));
  let left = 100;
  const timer = setInterval(() => {
    left -= 1;
    response.write(events(...Array.from({ length: 20 }, () => contentChunk(' word'))));
    if (left === 0) response.end(events('[DONE]'));
    if (left === 0) clearInterval(timer);
  }, 5);
  response.once('close', () => clearInterval(timer));
});
afterEach(() => void server.close());

/** Script for a process of its own, because warnings do not reach a test inside the sandbox of Jest. */
const script = (baseUrl: string) => `
import { createRemoteModel } from '${projectRoot()}/dist/bot/model/remote-model.js';
import { createHttpClient } from '${projectRoot()}/dist/bot/http-client/http-client.js';
const http = createHttpClient();
const model = createRemoteModel({
  name: 'x', endpoints: [{ id: 'primary', label: 'x', baseUrl: '${baseUrl}', model: 'x' }], tenantKeys: new Map(),
  timeoutMs: 120_000, silenceMs: 60_000, http, report() {}, onCircuits() {},
});
const caller = new AbortController();
const request = { messages: [{ role: 'user', content: 'hi' }], signal: caller.signal, onText() {} };
const answers = await Promise.all(Array.from({ length: 15 }, () => model.complete(request)));
console.log(answers.every((text) => text === 'Hello' + ' word'.repeat(2_000)));
http.close();
`;

test('many long streams of one caller cause no warning', async () => {
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo; // listening
  const args = ['--input-type=module', '-e', script(`http://127.0.0.1:${port}/v1`)];
  const child = spawnMarked(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const [stdout, stderr] = await Promise.all(
    [child.stdout, child.stderr].map((stream) => (stream ? text(stream) : '')),
  );
  expect({ stdout, stderr }).toEqual({ stdout: 'true\n', stderr: '' });
});
