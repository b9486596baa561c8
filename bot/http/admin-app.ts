// The admin listener, for machines inside: metrics, health, status, and alerts on their way to the team.
import express, { type ErrorRequestHandler, type Express } from 'express';
import { SIGNATURE_HEADER, type SignedAlert, TIMESTAMP_HEADER } from '../alerts/grafana-webhook.ts';
import type { RelayAnswer } from '../alerts/relay.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import { measureRequests } from './measure-requests.ts';
import type { Readiness } from './readiness.ts';

export interface AdminAppDeps {
  metrics: Metrics;
  readiness: () => Promise<Readiness>;
  status: () => Promise<object>;
  relay: (request: SignedAlert) => Promise<RelayAnswer>;
  log: Logger;
  clock: () => number;
}

export function createAdminApp({ metrics, readiness, status, relay, log, clock }: AdminAppDeps): Express {
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
  app.use(refuse(log));
  return app;
}

/** A body that cannot be read is the caller's fault; anything else is ours and goes to the log, not to the caller. */
function refuse(log: Logger): ErrorRequestHandler {
  return (error: { status?: number }, request, response, _next) => {
    const status = error.status ?? 500;
    if (status >= 500) log.error('A request to the admin listener failed', { error, 'url.path': request.path });
    response.status(status).json({ error: status >= 500 ? 'internal_error' : 'unreadable_body' });
  };
}
