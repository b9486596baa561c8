// Joins payloads that Feishu's long connection delivers in several frames.

/**
 * Maximum age of incomplete deliveries. Feishu redelivers an event that is not acknowledged within 3 s
 * (https://open.feishu.cn/document/ukTMukTMukTM/uYDNxYjL2QTM24iN0EjN/event-subscription-configure-/use-websocket, read
 * 2026-11).
 */
const KEEP_MS = 10_000;
const MAX_PARTS = 100;
/** Maximum number of incomplete deliveries at the same time. */
const MAX_WAITING = 100;

export interface Fragment {
  messageId: string;
  /** Number of parts. */
  sum: number;
  /** Index of this part, from 0. */
  seq: number;
  payload: Buffer;
}

/**
 * Returns a function that returns the complete payload with its last part, and undefined before that. It throws a
 * `RangeError` if `seq` or `sum` is invalid.
 */
export function createFragments(clock: () => number): (fragment: Fragment) => Buffer | undefined {
  const waiting = new Map<string, { since: number; parts: Map<number, Buffer> }>();
  return ({ messageId, sum, seq, payload }) => {
    const isPossible = Number.isInteger(sum) && Number.isInteger(seq) && seq >= 0 && seq < sum && sum <= MAX_PARTS;
    if (!isPossible) throw new RangeError(`invalid fragment: part ${seq} of ${sum}`);
    if (sum === 1) return payload;
    for (const [id, { since }] of waiting) {
      if (clock() - since > KEEP_MS || waiting.size > MAX_WAITING) waiting.delete(id);
    }
    const entry = waiting.get(messageId) ?? { since: clock(), parts: new Map<number, Buffer>() };
    waiting.set(messageId, entry);
    entry.parts.set(seq, payload);
    if (entry.parts.size < sum) return undefined;
    waiting.delete(messageId);
    return Buffer.concat(Array.from({ length: sum }, (_, part) => entry.parts.get(part) ?? Buffer.alloc(0)));
  };
}
