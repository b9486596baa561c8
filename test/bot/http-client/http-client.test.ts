// Answers with any status are returned, and connections are reused.
import { text as readText } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import { PATIENCE_MS } from '../../support/patience.ts';
import { waitUntil } from '../../support/wait-until.ts';
import { useLoopback } from './loopback.ts';

const loopback = useLoopback();
const timeoutMs = PATIENCE_MS;

describe('an answer', () => {
  test.each([
    { name: 'JSON', status: 200, body: '{"code":0}', json: { code: 0 } },
    { name: 'the HTML of a firewall', status: 200, body: '<html>', json: undefined },
    { name: 'an empty body', status: 204, body: '', json: undefined },
    { name: 'a rejection', status: 400, body: '{"code":99991663}', json: { code: 99991663 } },
    { name: 'an error of the server', status: 503, body: 'busy', json: undefined },
  ])('with $name is returned', async ({ status, body, json }) => {
    const server = await loopback.serve((_request, response) => {
      response.writeHead(status, { 'x-tt-logid': '42' }).end(body);
    });
    const answer = await loopback.client().request({ url: server.url, timeoutMs });
    const { headers, phases: _, ...rest } = answer;
    expect(rest).toEqual({ status, text: body, json });
    expect(headers.get('X-Tt-Logid')).toBe('42');
  });

  test('that is compressed is decompressed', async () => {
    const server = await loopback.serve((_request, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync('{"你":"好"}'));
    });
    expect((await loopback.client().request({ url: server.url, timeoutMs })).json).toEqual({ 你: '好' });
  });

  test('that is a redirect is returned and not followed, so that no token reaches another host', async () => {
    const elsewhere = await loopback.serve((_request, response) => response.end());
    const server = await loopback.serve((_request, response) => {
      response.writeHead(302, { location: elsewhere.url }).end();
    });
    const answer = await loopback.client().request({ url: server.url, timeoutMs });
    expect({ status: answer.status, elsewhere: elsewhere.connections() }).toEqual({ status: 302, elsewhere: 0 });
  });
});

test.each([
  { name: 'GET without a body', request: {}, method: 'GET', body: '', type: undefined },
  { name: 'POST with a body', request: { json: { a: '你' } }, method: 'POST', body: '{"a":"你"}' },
  { name: 'another method', request: { json: null, method: 'PUT' as const }, method: 'PUT', body: 'null' },
])('$name is sent as requested', async ({ request, method, body, type }) => {
  const seen: unknown[] = [];
  const server = await loopback.serve(async (incoming, response) => {
    const { authorization, 'content-type': contentType, 'user-agent': agent } = incoming.headers;
    seen.push({ method: incoming.method, body: await readText(incoming), authorization, contentType, agent });
    response.end();
  });
  const headers = { authorization: 'Bearer t' };
  await loopback.client().request({ url: server.url, timeoutMs, headers, ...request });
  const contentType = body === '' ? type : 'application/json; charset=utf-8';
  expect(seen).toEqual([{ method, body, authorization: 'Bearer t', contentType, agent: 'chatbot-ops-bundle' }]);
});

describe('connections', () => {
  const numbers = { firstByte: expect.any(Number), total: expect.any(Number) };

  test('are reused, and the phases report it', async () => {
    const server = await loopback.serve((_request, response) => response.end());
    const client = loopback.client();
    const first = await client.request({ url: server.url, timeoutMs });
    const second = await client.request({ url: server.url, timeoutMs });
    expect([first.phases, second.phases]).toEqual([
      { reusedSocket: false, connect: expect.any(Number), ...numbers },
      { reusedSocket: true, ...numbers },
    ]);
    expect(server.connections()).toBe(1);
  });

  test('to a name have the phases dns, connect, first byte and total in order', async () => {
    const server = await loopback.serve((_request, response) => response.end());
    const { phases } = await loopback.client().request({ url: `http://localhost:${server.port}`, timeoutMs });
    expect(phases).toEqual({ reusedSocket: false, dns: expect.any(Number), connect: expect.any(Number), ...numbers });
    const { dns = -1, connect = -1, firstByte = -1, total = -1 } = phases;
    expect([dns, connect, firstByte, total]).toEqual([dns, connect, firstByte, total].toSorted((a, b) => a - b));
  });

  test('of concurrent requests have separate phases', async () => {
    const server = await loopback.serve((request, response) => {
      if (request.url === '/quick') response.end();
      else void quick.then(() => setTimeout(() => response.end(), 150));
    });
    const client = loopback.client();
    const slow = client.request({ url: `${server.url}/slow`, timeoutMs });
    const quick = client.request({ url: `${server.url}/quick`, timeoutMs });
    // The slow request begins first, and is answered 150 ms after the end of the quick one. Timers round by 1 ms.
    const { total = 0 } = (await quick).phases;
    expect((await slow).phases.firstByte).toBeGreaterThanOrEqual(total + 149);
  });

  test('and timers are gone after close', async () => {
    const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
    const server = await loopback.serve((_request, response) => response.end());
    const client = loopback.client();
    await client.request({ url: server.url, timeoutMs });
    const before = timers();
    await client.request({ url: server.url, timeoutMs });
    client.close();
    await waitUntil('the connection is gone', () => server.open.size === 0);
    expect(timers()).toBeLessThanOrEqual(before);
  });
});
