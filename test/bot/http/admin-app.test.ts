// Routes of the admin listener, with fakes of the parts behind them.
import { describe, expect, test } from '@jest/globals';
import request from 'supertest';
import type { SignedAlert } from '../../../bot/alerts/grafana-webhook.ts';
import type { Readiness } from '../../../bot/health/readiness.ts';
import type { Status } from '../../../bot/health/status.ts';
import { type AdminAppDeps, createAdminApp } from '../../../bot/http/admin-app.ts';
import { descriptors } from '../../../bot/platforms/registry.ts';
import type { LogFields, Logger } from '../../../bot/telemetry/logger.ts';
import { createMetrics } from '../../../bot/telemetry/metrics.ts';

const NOW = 1_800_000_000_000;
const ready: Readiness = { status: 'ready', conditions: [] };

function appWith(over: Partial<AdminAppDeps> = {}) {
  const errors: string[] = [];
  const log = {
    error: (message: string, fields: LogFields) => errors.push(`${message}: ${fields.error}`),
  } as unknown as Logger; // the app writes errors and nothing else
  const metrics = createMetrics({
    platforms: descriptors(),
    version: '1',
    commit: 'c',
    sessionsLimit: 5,
    models: ['offline'],
  });
  const app = createAdminApp({
    host: '127.0.0.1',
    metrics,
    readiness: { read: async () => ready },
    status: { report: async () => ({ service: {} }) } as unknown as Status, // the app passes it on
    alerts: { relay: async () => ({ status: 200, body: {} }) },
    log,
    clock: () => NOW,
    ...over,
  });
  return { app, errors, metrics };
}

test('/livez answers 200 even if the readiness probe fails', async () => {
  const { app } = appWith({
    readiness: {
      read: async () => {
        throw new Error('the database is down');
      },
    },
  });
  await request(app).get('/livez').expect(200, { status: 'alive' });
});

test.each([
  ['ready', 200],
  ['not_ready', 503],
  ['draining', 503],
] as const)('/readyz with the status %s answers %i', async (status, code) => {
  const { app } = appWith({ readiness: { read: async () => ({ ...ready, status }) } });
  await request(app).get('/readyz').expect(code, { status, conditions: [] });
});

test('/metrics answers in the content type of Prometheus and counts requests by route', async () => {
  const { app } = appWith();
  await request(app).get('/livez');
  await request(app).get('/livez/../secret?x=1');
  const response = await request(app).get('/metrics').expect(200);
  expect(response.headers['content-type']).toMatch(/^text\/plain; version=0\.0\.4/);
  expect(response.text).toContain(
    'chatbot_http_request_duration_seconds_count{route="/livez",method="GET",status_class="2xx"} 1',
  );
  expect(response.text).not.toContain('secret');
});

describe('/alerts/grafana', () => {
  test('passes the raw body, both headers and the time to the relay', async () => {
    let seen: SignedAlert | undefined;
    const { app } = appWith({
      alerts: {
        relay: async (alert) => {
          seen = alert;
          return { status: 502, body: { error: 'not delivered' } };
        },
      },
    });
    await request(app)
      .post('/alerts/grafana')
      .set({ 'x-grafana-alerting-signature': 'abc', 'x-grafana-alerting-timestamp': '123' })
      .type('json')
      .send('{ "alerts": [] }')
      .expect(502, { error: 'not delivered' });
    expect({ ...seen, rawBody: seen?.rawBody.toString() }).toEqual({
      signature: 'abc',
      timestamp: '123',
      rawBody: '{ "alerts": [] }',
      now: NOW,
    });
  });

  test('a body above 1 MB is rejected with 413 and a JSON error', async () => {
    const { app, errors } = appWith();
    await request(app).post('/alerts/grafana').type('json').send('x'.repeat(1_100_000)).expect(413, {
      error: 'unreadable_body',
    });
    expect(errors).toEqual([]);
  });
});

test('an internal error is logged and not sent to the client', async () => {
  const { app, errors } = appWith({
    status: {
      report: async () => {
        throw new Error('internal detail');
      },
    },
  });
  await request(app).get('/status').expect(500, { error: 'internal_error' });
  expect(errors).toEqual(['A request to the admin listener failed: Error: internal detail']);
});

test.each(['/', '/feishu/verify', '/dingtalk/callback', '/livez/x'])('GET %s answers 404', async (path) => {
  await request(appWith().app).get(path).expect(404, { error: 'not_found' });
});
