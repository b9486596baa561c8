// Hands the proxy settings to the environment, where the libraries for proxies look for them.
import type { Settings } from './settings.ts';

/** Names in use before this call, also in lower case, stay as they are: the environment is the strongest source. */
export function applyProxy(settings: Settings, env: NodeJS.ProcessEnv = process.env): void {
  for (const name of ['HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY'] as const) {
    const value = settings[name];
    if (value !== undefined && !env[name] && !env[name.toLowerCase()]) env[name] = value;
  }
}
