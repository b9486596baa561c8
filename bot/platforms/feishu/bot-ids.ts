// Caches the bot's own `open_id` in each app. It is fetched on the first group message, to save the monthly quota.
import type { BotIdOf } from './inbound/read-event.ts';

export interface BotIds {
  /** Returns the id if it is cached. Otherwise returns undefined and starts a request in the background. */
  peek: BotIdOf;
  /** Rejects with the error of the last request, until a request succeeds. */
  get(appId: string): Promise<string>;
  /** Message of the last failed request; undefined after a success. */
  problem(appId: string): string | undefined;
}

const RETRY_AFTER_MS = 60_000;

/** Shares one request among all callers, and sends at most one request a minute for each app. */
export function createBotIds(fetchBotId: (appId: string) => Promise<string>, clock: () => number): BotIds {
  const known = new Map<string, string>();
  const problems = new Map<string, string>();
  const requests = new Map<string, { at: number; id: Promise<string> }>();

  function get(appId: string): Promise<string> {
    const id = known.get(appId);
    if (id !== undefined) return Promise.resolve(id);
    const last = requests.get(appId);
    // If the last request lies in the future, the clock was set back, so the difference counts in both directions.
    if (last && Math.abs(clock() - last.at) < RETRY_AFTER_MS) return last.id;
    const request = fetchBotId(appId).then((found) => {
      known.set(appId, found);
      problems.delete(appId);
      return found;
    });
    request.catch((error: unknown) => problems.set(appId, error instanceof Error ? error.message : String(error)));
    requests.set(appId, { at: clock(), id: request });
    return request;
  }

  return {
    get,
    problem: (appId) => problems.get(appId),
    peek(appId) {
      // The failure is reported to callers of `get`.
      if (!known.has(appId)) get(appId).catch(() => undefined);
      return known.get(appId);
    },
  };
}
