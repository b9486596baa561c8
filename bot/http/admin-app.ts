// Routes of the admin listener, for internal clients: metrics, health, status, and relaying of alerts.
import express, { type ErrorRequestHandler, type Express, type RequestHandler } from 'express';
import { SIGNATURE_HEADER, TIMESTAMP_HEADER } from '../alerts/grafana-webhook.ts';
import type { AlertRelay } from '../alerts/relay.ts';
import { rejectedStatus } from '../domain/callback.ts';
import type { ReadinessProbe } from '../health/gather-readiness.ts';
import type { Status } from '../health/status.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import { createBodyReader, type ReadBody } from './body-reader.ts';
import { guardHost } from './host-guard.ts';
import { measureRequests } from './measure-requests.ts';

/** Maximum bytes of one notification from Grafana, far above its usual size. */
const MAX_ALERT_BYTES = 1_048_576;
/** Memory budget in bytes for all unfinished request bodies. */
const BODIES_BYTES = 4 * 1_048_576;

export interface AdminAppDeps {
  /** The setting ADMIN_HOST, one of the names that requests may use. */
  host: string;
  metrics: Metrics;
  readiness: ReadinessProbe;
  status: Status;
  alerts: AlertRelay;
  log: Logger;
  clock: () => number;
}

export function createAdminApp(deps: AdminAppDeps): Express {
  const { metrics, readiness, status, log } = deps;
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.use(measureRequests(metrics));
  app.use(guardHost(deps.host));
  // Reports only that the process answers. If a liveness probe checked the database, it would restart healthy bots.
  app.get('/livez', (_request, response) => {
    response.json({ status: 'alive' });
  });
  app.get('/readyz', async (_request, response) => {
    const current = await readiness.read();
    response.status(current.status === 'ready' ? 200 : 503).json(current);
  });
  app.get('/status', async (_request, response) => {
    response.json(await status.report());
  });
  app.get('/metrics', async (_request, response) => {
    response.set('content-type', metrics.registry.contentType).send(await metrics.registry.metrics());
  });
  app.post('/alerts/grafana', relayAlerts(deps));
  app.use((_request, response) => {
    response.status(404).json({ error: 'not_found' });
  });
  app.use(handleErrors(log));
  return app;
}

function relayAlerts({ alerts, clock }: AdminAppDeps): RequestHandler {
  const bodies = createBodyReader(BODIES_BYTES);
  return async (request, response) => {
    const [signature, timestamp] = [request.get(SIGNATURE_HEADER), request.get(TIMESTAMP_HEADER)];
    const read = (): Promise<ReadBody> => bodies.read(request, { maxBytes: MAX_ALERT_BYTES, proven: false });
    const isSigned = signature !== undefined && timestamp !== undefined;
    const isTooLarge = Number(request.get('content-length')) > MAX_ALERT_BYTES;
    const rawBody = isTooLarge ? 'too_large' : isSigned ? await read() : Buffer.alloc(0);
    if (typeof rawBody === 'string') {
      response.set('connection', 'close').status(rejectedStatus[rawBody]).json({ error: 'unreadable_body' });
      return;
    }
    const answer = await alerts.relay({ signature, timestamp, rawBody, now: clock() });
    if (!isSigned) response.set('connection', 'close');
    response.status(answer.status).json(answer.body);
  };
}

/** Answers 4xx errors of the body parser with `unreadable_body`. Logs other errors and hides them from the caller. */
function handleErrors(log: Logger): ErrorRequestHandler {
  return (error: { status?: number }, request, response, _next) => {
    const status = error.status ?? 500;
    if (status >= 500) log.error('A request to the admin listener failed', { error, 'url.path': request.path });
    response.status(status).json({ error: status >= 500 ? 'internal_error' : 'unreadable_body' });
  };
}
