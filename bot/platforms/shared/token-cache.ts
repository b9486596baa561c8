// Caches one access token per app. Concurrent callers share one fetch, and a token is renewed before it expires.

export interface Token {
  value: string;
  lifetimeSeconds: number;
}

export interface TokenCache {
  /** Resolves with a valid token. Throws the error of `fetchToken`. */
  get(appId: string): Promise<string>;
  /** Drops the cached token if it is still `rejected`, so that a late rejection does not drop a newer token. */
  drop(appId: string, rejected: string): void;
}

interface Entry {
  value: string;
  renewAt: number;
}

/**
 * Tokens of both platforms are valid for two hours. A request in the last half hour returns a token that stays valid
 * without a gap.
 */
const RENEW_BEFORE_SECONDS = 20 * 60;

/** Creates a cache that fetches tokens by `fetchToken`; `clock` returns milliseconds. */
export function createTokenCache(fetchToken: (appId: string) => Promise<Token>, clock: () => number): TokenCache {
  const entries = new Map<string, Entry>();
  const pending = new Map<string, Promise<string>>();

  async function renew(appId: string): Promise<string> {
    const token = await fetchToken(appId);
    const early = Math.min(RENEW_BEFORE_SECONDS, token.lifetimeSeconds / 2);
    entries.set(appId, { value: token.value, renewAt: clock() + (token.lifetimeSeconds - early) * 1000 });
    return token.value;
  }

  return {
    get(appId) {
      const entry = entries.get(appId);
      if (entry && clock() < entry.renewAt) return Promise.resolve(entry.value);
      let running = pending.get(appId);
      if (!running) {
        running = renew(appId).finally(() => pending.delete(appId));
        pending.set(appId, running);
      }
      return running;
    },
    drop(appId, rejected) {
      if (entries.get(appId)?.value === rejected) entries.delete(appId);
    },
  };
}
