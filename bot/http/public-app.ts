// The public listener: callbacks of the platforms, and nothing else.
import type { IncomingMessage, RequestListener } from 'node:http';
import express from 'express';
import proxyAddress from 'proxy-addr';
import type { Metrics } from '../telemetry/metrics.ts';
import { createCallbackRoutes } from './callback-routes.ts';
import type { Intake } from './intake.ts';
import { measureRequests } from './measure-requests.ts';

export interface PublicAppDeps {
  intake: Intake;
  metrics: Metrics;
  /** Whose `X-Forwarded-For` is believed, see TRUSTED_PROXIES. */
  trustedProxies: string;
  clock: () => number;
}

export function createPublicApp({ intake, metrics, trustedProxies, clock }: PublicAppDeps): RequestListener {
  const trust = proxyAddress.compile(trustedProxies.split(',').map((entry) => entry.trim()));
  const clientIp = (request: IncomingMessage) => proxyAddress(request, trust);
  const callbacks = createCallbackRoutes({ intake, metrics, clientIp, clock });
  const others = express();
  others.disable('x-powered-by');
  others.disable('etag');
  others.use(measureRequests(metrics));
  others.use((_request, response) => {
    response.status(404).json({ error: 'not_found' });
  });
  return (request, response) => {
    if (!callbacks(request, response)) others(request, response);
  };
}
