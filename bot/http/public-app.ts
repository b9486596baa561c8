// Request handler of the public listener. Serves only the callbacks of the platforms.
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
  /** Proxies whose `X-Forwarded-For` is trusted, see TRUSTED_PROXIES. */
  trustedProxies: string;
  clock: () => number;
}

const notFound = JSON.stringify({ error: 'not_found' });

export function createPublicApp({ routes, intake, metrics, trustedProxies, clock }: PublicAppDeps): RequestListener {
  const trust = proxyAddress.compile(trustedProxies.split(',').map((entry) => entry.trim()));
  const clientIp = (request: IncomingMessage): string | undefined => proxyAddress(request, trust);
  const callbacks = createCallbackRoutes({ routes, intake, metrics, clientIp, clock });
  return (request, response) => {
    cacheAddress(request);
    if (callbacks(request, response)) return;
    response.writeHead(404, { 'content-type': 'application/json; charset=utf-8', connection: 'close' }).end(notFound);
    metrics.httpRequestDuration.observe(httpLabels(UNMATCHED, request.method ?? '', 404), 0);
  };
}

/** Reads the address early, because Node caches it, and cannot read it after the connection is closed. */
function cacheAddress({ socket }: IncomingMessage): string | undefined {
  return socket.remoteAddress;
}
