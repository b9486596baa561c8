// The public listener: callbacks of the platforms, and nothing else.
import type { IncomingMessage, RequestListener } from 'node:http';
import proxyAddress from 'proxy-addr';
import type { Platform } from '../domain/platform.ts';
import type { Intake } from '../intake/intake.ts';
import { httpLabels, UNMATCHED } from '../telemetry/labels.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import { createCallbackRoutes } from './callback-routes.ts';

export interface PublicAppDeps {
  /** Platform of each callback's path. */
  routes: ReadonlyMap<string, Platform>;
  intake: Intake;
  metrics: Metrics;
  /** Whose `X-Forwarded-For` is believed, see TRUSTED_PROXIES. */
  trustedProxies: string;
  clock: () => number;
}

const notFound = JSON.stringify({ error: 'not_found' });

export function createPublicApp({ routes, intake, metrics, trustedProxies, clock }: PublicAppDeps): RequestListener {
  const trust = proxyAddress.compile(trustedProxies.split(',').map((entry) => entry.trim()));
  const clientIp = (request: IncomingMessage): string | undefined => proxyAddress(request, trust);
  const callbacks = createCallbackRoutes({ routes, intake, metrics, clientIp, clock });
  return (request, response) => {
    keepAddress(request);
    if (callbacks(request, response)) return;
    response.writeHead(404, { 'content-type': 'application/json; charset=utf-8', connection: 'close' }).end(notFound);
    metrics.httpRequestDuration.observe(httpLabels(UNMATCHED, request.method ?? '', 404), 0);
  };
}

/** Node keeps an address that was read once. A connection that was closed meanwhile has none to read. */
function keepAddress({ socket }: IncomingMessage): string | undefined {
  return socket.remoteAddress;
}
