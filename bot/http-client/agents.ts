// Keep-alive agents for outgoing requests, direct or through the proxy that the environment names.
import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { HttpProxyAgent } from 'http-proxy-agent';
import { HttpsProxyAgent } from 'https-proxy-agent';
import { getProxyForUrl } from 'proxy-from-env';
import { isInRange } from './address-range.ts';
import { HttpClientError, targetOf } from './errors.ts';
import { readProxyUrl } from './proxy-url.ts';

interface Route {
  agent: HttpAgent;
  /** `host:port` of the proxy on the way; its address may hold a password. */
  proxy?: string;
}

export interface Agents {
  /** Throws an `HttpClientError` when the environment names a proxy by something that is no address. */
  for(url: URL): Route;
  close(): void;
}

/**
 * Idle connections are closed before the other side does it: its FIN and our request would cross, and nobody could
 * say whether the request arrived. Node's own servers wait 5 s, others longer; the wait a server names counts if shorter.
 */
const IDLE_MS = 4_000;

// How many requests there are at once is what the settings of the queues say; a limit here would be a second one.
const options = {
  keepAlive: true,
  maxSockets: Number.POSITIVE_INFINITY,
  maxFreeSockets: 64,
  scheduling: 'lifo',
  timeout: IDLE_MS,
} as const;

/** Lets go of a proxy that hangs before the tunnel stands: its connection would stay for good. */
class TunnelAgent extends HttpsProxyAgent<string> {
  override async connect(...[request, target]: Parameters<HttpsProxyAgent<string>['connect']>) {
    const givenUp = new AbortController();
    const giveUp = () => givenUp.abort();
    request.once('abort', giveUp);
    this.connectOpts = { ...this.connectOpts, signal: givenUp.signal };
    try {
      return await super.connect(request, target);
    } finally {
      request.off('abort', giveUp);
    }
  }
}

const LOOPBACK = /^(localhost|.*\.localhost|127(\.\d+){3}|\[::1\])$/;

/**
 * The proxy that HTTP_PROXY, HTTPS_PROXY, ALL_PROXY and NO_PROXY name for `url`, empty for none. This machine is
 * never asked for through a proxy: the proxy's own loopback is another one.
 */
export function proxyFor(url: URL): string {
  if (LOOPBACK.test(url.hostname) || isInRange(url.hostname, variable('no_proxy'))) return '';
  const named = getProxyForUrl(url.href);
  if (named === '') return '';
  // The library would give an address without a scheme that of the request.
  const written = variable(`${url.protocol.slice(0, -1)}_proxy`) || variable('all_proxy');
  return readProxyUrl(written) ?? named;
}

/** As the library reads it: the lower-case name first. */
const variable = (name: string): string => process.env[name] || process.env[name.toUpperCase()] || '';

/** Direct, or by the proxy of the environment. */
export function createAgents(): Agents {
  const routes = new Map<string, Route>();
  return {
    for(url) {
      const proxy = proxyFor(url);
      const key = `${url.protocol} ${proxy}`;
      const route = routes.get(key) ?? createRoute(url, proxy);
      routes.set(key, route);
      return route;
    },
    close() {
      for (const { agent } of routes.values()) agent.destroy();
    },
  };
}

function createRoute(url: URL, proxy: string): Route {
  const secure = url.protocol === 'https:';
  if (proxy === '') return { agent: secure ? new HttpsAgent(options) : new HttpAgent(options) };
  const address = readProxyUrl(proxy);
  if (address === undefined) {
    const details = {
      kind: 'proxy',
      code: 'ERR_INVALID_URL',
      proxy: 'of the environment',
      maybeReceived: false,
    } as const;
    throw new HttpClientError({ ...details, target: targetOf(url), cause: undefined });
  }
  const agent = secure ? new TunnelAgent(address, options) : new HttpProxyAgent(address, options);
  return { agent, proxy: targetOf(new URL(address)) };
}
