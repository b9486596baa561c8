// Keep-alive agents for outgoing requests, direct or through the proxy that the environment sets.
import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { HttpProxyAgent } from 'http-proxy-agent';
import { HttpsProxyAgent } from 'https-proxy-agent';
import { getProxyForUrl } from 'proxy-from-env';
import { isInRange } from './address-range.ts';
import { HttpClientError, targetOf } from './errors.ts';
import { readProxyUrl } from './proxy-url.ts';

interface AgentRoute {
  agent: HttpAgent;
  /** `host:port` of the proxy, without the rest of its address, which may contain a password. */
  proxy?: string;
}

export interface Agents {
  /** Throws `HttpClientError` if the environment sets a proxy that is not a valid address. */
  for(url: URL): AgentRoute;
  close(): void;
}

/**
 * Time after which an idle connection is closed, in milliseconds. It is shorter than the timeout of the servers. If a
 * server closed the connection first, its FIN could cross a new request, and it would be unknown if the request
 * arrived. Node's own servers wait 5 s, others longer. If a server announces a shorter timeout, that timeout applies.
 */
const IDLE_MS = 4_000;

// No limit of sockets, because the settings of the queues already limit the number of concurrent requests.
const options = {
  keepAlive: true,
  maxSockets: Number.POSITIVE_INFINITY,
  maxFreeSockets: 64,
  scheduling: 'lifo',
  timeout: IDLE_MS,
} as const;

/**
 * Closes the connection to a proxy if the request is aborted before the tunnel is open. Otherwise it would never close.
 */
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
 * Returns the proxy that HTTP_PROXY, HTTPS_PROXY, ALL_PROXY and NO_PROXY set for `url`, or an empty text for none.
 * Loopback addresses never use a proxy, because on the proxy they mean the proxy's own machine.
 */
export function proxyFor(url: URL): string {
  if (LOOPBACK.test(url.hostname) || isInRange(url.hostname, environmentVariable('no_proxy'))) return '';
  const named = getProxyForUrl(url.href);
  if (named === '') return '';
  // If the setting has no scheme, proxy-from-env would prepend the scheme of the request.
  const setting = environmentVariable(`${url.protocol.slice(0, -1)}_proxy`) || environmentVariable('all_proxy');
  return readProxyUrl(setting) ?? named;
}

/** Reads an environment variable as proxy-from-env does: the lower-case name has precedence. */
const environmentVariable = (name: string): string => process.env[name] || process.env[name.toUpperCase()] || '';

/** Creates agents that connect directly or through the proxy of the environment. */
export function createAgents(): Agents {
  const routes = new Map<string, AgentRoute>();
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

function createRoute(url: URL, proxy: string): AgentRoute {
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
