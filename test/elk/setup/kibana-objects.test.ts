// Tests the Kibana part of the setup job against a server that checks headers, login and bodies as Kibana does.
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
let importResult: object;
let received: { path: string | undefined; body: unknown }[];

beforeEach(async () => {
  level = 'available';
  importResult = { success: true, successCount: 1 };
  received = [];
  server = createServer(async (request, response) => {
    const [status, body] = await respond(request);
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`; // a listening TCP server has a port
});

afterEach(() => {
  server.closeAllConnections();
  server.close();
});

async function respond(request: IncomingMessage): Promise<[number, unknown]> {
  const login = `Basic ${Buffer.from(`elastic:${PASSWORD}`).toString('base64')}`;
  if (request.headers.authorization !== login) return [401, { message: 'Unauthorized' }];
  if (request.url === '/api/status') return [level === 'available' ? 200 : 503, { status: { overall: { level } } }];
  if (request.headers['kbn-xsrf'] === undefined) return [400, { message: 'Request must contain a kbn-xsrf header.' }];
  const body = await text(request);
  if (request.url === '/api/saved_objects/_import?overwrite=true') {
    received.push({ path: request.url, body: uploaded(request, body) });
    return [200, importResult];
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
  test('waits until Kibana reports available', async () => {
    level = 'degraded';
    setTimeout(() => {
      level = 'available';
    }, 100);
    expect(await waitForKibana({ url, password: PASSWORD }, LIMITS)).toBe('available');
  });

  test('returns absent for a host name that does not exist', async () => {
    expect(await waitForKibana({ url: 'http://kibana.invalid:5601', password: PASSWORD }, LIMITS)).toBe('absent');
  });

  test.each([
    ['does not get ready', { password: PASSWORD }, 'critical'],
    ['rejects the password', { password: 'wrong' }, 'it rejects the password of user elastic'],
  ])('reports the reason when Kibana %s', async (_what, { password }, reason) => {
    level = 'critical';
    await expect(waitForKibana({ url, password }, LIMITS)).rejects.toThrow(
      `Kibana was not available after 3 s: ${reason}. Look at: docker compose logs kibana`,
    );
  });

  test('reports ECONNREFUSED when Kibana does not listen', async () => {
    server.close();
    await expect(waitForKibana({ url, password: PASSWORD }, LIMITS)).rejects.toThrow('ECONNREFUSED');
  });
});

describe('putKibanaObjects', () => {
  test('creates the data view, makes it the default, and imports the search', async () => {
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

  test('throws Kibana’s message for a failed import with status 200', async () => {
    importResult = { success: false, errors: [{ id: 'chatbot-problems', error: { type: 'unsupported_type' } }] };
    await expect(putKibanaObjects({ url, password: PASSWORD })).rejects.toThrow(/saved search.*unsupported_type/);
  });

  test('throws the status and the path of a rejected request', async () => {
    await expect(putKibanaObjects({ url, password: 'wrong' })).rejects.toThrow(
      'Kibana answered 401 to POST /api/data_views/data_view: {"message":"Unauthorized"}',
    );
  });
});
