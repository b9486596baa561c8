// Copies the proxy settings to the environment, where the proxy libraries read them.

import { readProxyUrl } from '../http-client/proxy-url.ts';
import { readNoProxy } from './no-proxy.ts';
import type { Settings } from './settings.ts';

/**
 * Sets each proxy variable that the environment does not set itself, in upper or lower case. Variables that are set
 * keep their proxy, because the environment is the strongest source. Rewrites their values to the form that the proxy
 * agents accept.
 */
export function applyProxy(settings: Settings, env: NodeJS.ProcessEnv = process.env): void {
  for (const name of ['HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY', 'NO_PROXY'] as const) {
    const inUse = [name, name.toLowerCase()].filter((key) => env[key]);
    const read = name === 'NO_PROXY' ? readNoProxy : readProxyUrl;
    for (const key of inUse) env[key] = read(env[key] ?? '') ?? env[key];
    if (settings[name] !== undefined && inUse.length === 0) env[name] = settings[name];
  }
}
