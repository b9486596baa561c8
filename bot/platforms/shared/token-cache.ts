// Access tokens, one per app: fetched once for all who wait, renewed early, dropped when the platform refuses one.

export interface Token {
  value: string;
  lifetimeSeconds: number;
}

export interface TokenCache {
  get(appId: string): Promise<string>;
  /** Forgets the token if it is still `refused`, so that late refusals do not drop its successor. */
  drop(appId: string, refused: string): void;
}

interface Entry {
  value: string;
  renewAt: number;
}

/** Both platforms give tokens of two hours and, asked in the last half hour, one that lives on without a gap. */
const RENEW_BEFORE_SECONDS = 20 * 60;

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
    drop(appId, refused) {
      if (entries.get(appId)?.value === refused) entries.delete(appId);
    },
  };
}
