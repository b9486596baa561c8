// The Kibana half of the setup job against a server that is as strict as Kibana about headers, login and shapes.
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { putKibanaObjects, waitForKibana } from '../../../elk/setup/kibana-objects.ts';

const PASSWORD = 'elastic-password';
const LIMITS = { absentMs: 200, deadlineMs: 3000, pauseMs: 20 };

let server: Server;
let url: string;
let level: string;
let importAnswer: object;
let received: { path: string | undefined; body: unknown }[];

beforeEach(async () => {
  level = 'available';
  importAnswer = { success: true, successCount: 1 };
  received = [];
  server = createServer(async (request, response) => {
    const [status, body] = await answer(request);
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`; // a TCP server that listens has a port
});

afterEach(() => {
  server.closeAllConnections();
  server.close();
});

async function answer(request: IncomingMessage): Promise<[number, unknown]> {
  const login = `Basic ${Buffer.from(`elastic:${PASSWORD}`).toString('base64')}`;
  if (request.headers.authorization !== login) return [401, { message: 'Unauthorized' }];
  if (request.url === '/api/status') return [level === 'available' ? 200 : 503, { status: { overall: { level } } }];
  if (request.headers['kbn-xsrf'] === undefined) return [400, { message: 'Request must contain a kbn-xsrf header.' }];
  const body = await text(request);
  if (request.url === '/api/saved_objects/_import?overwrite=true') {
    received.push({ path: request.url, body: uploaded(request, body) });
    return [200, importAnswer];
  }
  received.push({ path: request.url, body: JSON.parse(body) });
  return [200, { acknowledged: true }];
}

/** The objects of an uploaded .ndjson file. */
function uploaded(request: IncomingMessage, body: string): unknown[] {
  expect(request.headers['content-type']).toMatch(/^multipart\/form-data; boundary=/);
  expect(body).toMatch(/name="file"; filename="[^"]+\.ndjson"/);
  return body
    .split('\r\n')
    .filter((line) => line.startsWith('{'))
    .flatMap((lines) => lines.trimEnd().split('\n'))
    .map((line) => JSON.parse(line));
}

describe('waitForKibana', () => {
  test('waits until Kibana says available', async () => {
    level = 'degraded';
    setTimeout(() => {
      level = 'available';
    }, 100);
    expect(await waitForKibana({ url, password: PASSWORD }, LIMITS)).toBe('available');
  });

  test('a name that does not exist is a profile without Kibana', async () => {
    expect(await waitForKibana({ url: 'http://kibana.invalid:5601', password: PASSWORD }, LIMITS)).toBe('absent');
  });

  test.each([
    ['does not get ready', { password: PASSWORD }, 'critical'],
    ['refuses the password', { password: 'wrong' }, 'it refuses the password of user elastic'],
  ])('says why when Kibana %s', async (_what, { password }, reason) => {
    level = 'critical';
    await expect(waitForKibana({ url, password }, LIMITS)).rejects.toThrow(
      `Kibana was not available after 3 s: ${reason}. Look at: docker compose logs kibana`,
    );
  });

  test('says so when Kibana does not listen', async () => {
    server.close();
    await expect(waitForKibana({ url, password: PASSWORD }, LIMITS)).rejects.toThrow('ECONNREFUSED');
  });
});

describe('putKibanaObjects', () => {
  test('puts the data view, makes it the default, and imports the search', async () => {
    await putKibanaObjects({ url, password: PASSWORD });
    const view = { id: 'chatbot-logs', title: 'logs-chatbot.*-*', name: 'Chatbot logs', timeFieldName: '@timestamp' };
    expect(received).toEqual([
      { path: '/api/data_views/data_view', body: { override: true, data_view: view } },
      { path: '/api/data_views/default', body: { data_view_id: 'chatbot-logs', force: true } },
      {
        path: '/api/saved_objects/_import?overwrite=true',
        body: [expect.objectContaining({ type: 'search', id: 'chatbot-problems' })],
      },
    ]);
  });

  test('a refused import, which answers 200, is an error in Kibana’s words', async () => {
    importAnswer = { success: false, errors: [{ id: 'chatbot-problems', error: { type: 'unsupported_type' } }] };
    await expect(putKibanaObjects({ url, password: PASSWORD })).rejects.toThrow(/saved search.*unsupported_type/);
  });

  test('a refused request is an error with its path', async () => {
    await expect(putKibanaObjects({ url, password: 'wrong' })).rejects.toThrow(
      'Kibana answered 401 to POST /api/data_views/data_view: {"message":"Unauthorized"}',
    );
  });
});
