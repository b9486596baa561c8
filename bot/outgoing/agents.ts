// Keep-alive agents for outgoing requests, direct or through the proxy that the environment names.
import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { HttpProxyAgent } from 'http-proxy-agent';
import { HttpsProxyAgent } from 'https-proxy-agent';
import { getProxyForUrl } from 'proxy-from-env';

export interface Agents {
  for(url: URL): HttpAgent;
  close(): void;
}

const options = { keepAlive: true, maxSockets: 64, maxFreeSockets: 16, scheduling: 'lifo' } as const;

/** Honours HTTP_PROXY, HTTPS_PROXY, ALL_PROXY and NO_PROXY, as curl does. */
export function createAgents(): Agents {
  const byRoute = new Map<string, HttpAgent>();
  return {
    for(url) {
      const proxy = getProxyForUrl(url.href);
      const route = `${url.protocol} ${proxy}`;
      let agent = byRoute.get(route);
      if (!agent) {
        agent = createAgent(url.protocol, proxy);
        byRoute.set(route, agent);
      }
      return agent;
    },
    close() {
      for (const agent of byRoute.values()) agent.destroy();
    },
  };
}

function createAgent(protocol: string, proxy: string): HttpAgent {
  if (protocol === 'https:') return proxy ? new HttpsProxyAgent(proxy, options) : new HttpsAgent(options);
  return proxy ? new HttpProxyAgent(proxy, options) : new HttpAgent(options);
}
