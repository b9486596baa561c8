// Stores the access tokens that a fake platform has issued.
import { BoundedMap } from './bounded-map.ts';
import { randomId } from './ids.ts';

const lifeMs = 7_200_000;

/**
 * Treatment of a repeated token request. Feishu issues a new token if the remaining time is below a limit. DingTalk
 * extends the same token.
 */
export type RenewRule = { kind: 'replace'; whenRemainingBelowMs: number } | { kind: 'extend' };

/** The tokens of one app. */
export interface TokenStore {
  /** Returns the current token and its remaining life in whole seconds. */
  issue(): { token: string; expiresInSeconds: number };
  check(token: string): 'valid' | 'expired' | 'unknown';
}

/** Creates the store. `prefix` is the beginning of the platform's tokens. */
export function createTokenStore(prefix: string, rule: RenewRule, now: () => number): TokenStore {
  const expiry = new BoundedMap<string, number>(1_000);
  let current = '';
  const remaining = () => (expiry.get(current) ?? 0) - now();
  return {
    issue() {
      const keepAbove = rule.kind === 'replace' ? rule.whenRemainingBelowMs : 1;
      const kept = remaining() >= keepAbove;
      if (!kept) current = `${prefix}${randomId(32)}`;
      if (!kept || rule.kind === 'extend') expiry.set(current, now() + lifeMs);
      return { token: current, expiresInSeconds: Math.floor(remaining() / 1000) };
    },
    check(token) {
      const until = expiry.get(token);
      if (until === undefined) return 'unknown';
      return until > now() ? 'valid' : 'expired';
    },
  };
}
