// The admin listener, for machines inside: metrics, health, status, and alerts on their way to the team.
import express, { type Express } from 'express';
import { SIGNATURE_HEADER, type SignedAlert, TIMESTAMP_HEADER } from '../alerts/grafana-webhook.ts';
import type { RelayAnswer } from '../alerts/relay.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import { measureRequests } from './measure-requests.ts';
import type { Readiness } from './readiness.ts';

export interface AdminAppDeps {
  metrics: Metrics;
  readiness: () => Promise<Readiness>;
  status: () => Promise<object>;
  relay: (request: SignedAlert) => Promise<RelayAnswer>;
  clock: () => number;
}

export function createAdminApp({ metrics, readiness, status, relay, clock }: AdminAppDeps): Express {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.use(measureRequests(metrics));
  /** Says only that the process answers: a liveness probe that looks at the database restarts healthy bots. */
  app.get('/livez', (_request, response) => {
    response.json({ status: 'alive' });
  });
  app.get('/readyz', async (_request, response) => {
    const judged = await readiness();
    response.status(judged.status === 'ready' ? 200 : 503).json(judged);
  });
  app.get('/status', async (_request, response) => {
    response.json(await status());
  });
  app.get('/metrics', async (_request, response) => {
    response.set('content-type', metrics.registry.contentType).send(await metrics.registry.metrics());
  });
  app.post('/alerts/grafana', express.raw({ type: () => true, limit: '1mb' }), async (request, response) => {
    const answer = await relay({
      signature: request.get(SIGNATURE_HEADER),
      timestamp: request.get(TIMESTAMP_HEADER),
      rawBody: Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0),
      now: clock(),
    });
    response.status(answer.status).json(answer.body);
  });
  app.use((_request, response) => {
    response.status(404).json({ error: 'not_found' });
  });
  return app;
}
