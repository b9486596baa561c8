// The bot's own `open_id` in each app, asked for when the first group message makes it needed: calls count against a monthly quota.
import type { BotIdOf } from './inbound/read-event.ts';

export interface BotIds {
  /** What is known at once; when that is nothing, the question is sent off and nobody waits for it. */
  peek: BotIdOf;
  /** Rejects while the platform does not tell. */
  get(appId: string): Promise<string>;
  /** Message of the last failure, until an answer came. */
  problem(appId: string): string | undefined;
}

const ASK_AGAIN_MS = 60_000;

/** One question for all who wait, and at most one a minute and app. */
export function createBotIds(fetchBotId: (appId: string) => Promise<string>, clock: () => number): BotIds {
  const known = new Map<string, string>();
  const problems = new Map<string, string>();
  const asked = new Map<string, { at: number; answer: Promise<string> }>();

  function get(appId: string): Promise<string> {
    const id = known.get(appId);
    if (id !== undefined) return Promise.resolve(id);
    const last = asked.get(appId);
    // A question of the future is one before the clock was set back.
    if (last && Math.abs(clock() - last.at) < ASK_AGAIN_MS) return last.answer;
    const answer = fetchBotId(appId).then((found) => {
      known.set(appId, found);
      problems.delete(appId);
      return found;
    });
    answer.catch((error: unknown) => problems.set(appId, error instanceof Error ? error.message : String(error)));
    asked.set(appId, { at: clock(), answer });
    return answer;
  }

  return {
    get,
    problem: (appId) => problems.get(appId),
    peek(appId) {
      // Whoever needs to know asks by `get` and hears of the failure there.
      if (!known.has(appId)) get(appId).catch(() => undefined);
      return known.get(appId);
    },
  };
}
