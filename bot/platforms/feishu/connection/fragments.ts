// Puts together what Feishu's long connection delivers in several frames.

/** The platform delivers again what was not acknowledged in 3 s; parts older than this belong to no delivery. */
const KEEP_MS = 10_000;
const MAX_PARTS = 100;
/** Deliveries that wait for parts at the same time. */
const MAX_WAITING = 100;

export interface Fragment {
  messageId: string;
  /** How many parts there are, and which one this is, counted from 0. */
  sum: number;
  seq: number;
  payload: Buffer;
}

/** Returns the whole payload with its last part, undefined before; throws a `RangeError` for parts that cannot be. */
export function createFragments(clock: () => number): (fragment: Fragment) => Buffer | undefined {
  const waiting = new Map<string, { since: number; parts: Map<number, Buffer> }>();
  return ({ messageId, sum, seq, payload }) => {
    const isPossible = Number.isInteger(sum) && Number.isInteger(seq) && seq >= 0 && seq < sum && sum <= MAX_PARTS;
    if (!isPossible) throw new RangeError(`part ${seq} of ${sum}`);
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
