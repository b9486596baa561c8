// Delivering over long connections as the platforms do: each attempt to one connection, and again while nobody acknowledges.
import { setTimeout as wait } from 'node:timers/promises';
import type { Answer } from '../deliver.ts';

/** One delivery. */
export interface Delivery {
  /** Writes one attempt to one connection; false when there is none that takes it. Every attempt has an id of its own. */
  send(id: string): boolean;
  newId(): string;
  ackWithinMs: number;
  /** Waits before each further attempt. */
  retryDelaysMs: readonly number[];
  onAttempt?: ((answer: Answer) => void) | undefined;
}

/** What came back: the code of the acknowledgement, 0 when there was none. */
type Given = Pick<Answer, 'status' | 'body'> & { error?: string };

/** Deliveries under way. */
export interface Deliveries {
  deliver(delivery: Delivery): Promise<Answer>;
  /** The other side has answered an attempt; late answers are forgotten. */
  answered(id: string, given: { status: number; body: string }): void;
  stop(): void;
}

/** Creates the deliveries of one fake platform. */
export function createDeliveries(): Deliveries {
  const waiting = new Map<string, (given: Given) => void>();
  const stopped = new AbortController();

  async function attempt({ send, newId, ackWithinMs }: Delivery, attempts: number): Promise<Answer> {
    const started = performance.now();
    const id = newId();
    const settled = new AbortController();
    const signal = AbortSignal.any([settled.signal, stopped.signal]);
    const answer = new Promise<Given>((resolve) => waiting.set(id, resolve));
    const tooLate = wait(ackWithinMs, notInTime(ackWithinMs), { signal }).catch(() => notInTime(ackWithinMs));
    const given = send(id) ? await Promise.race([answer, tooLate]) : noConnection;
    settled.abort();
    waiting.delete(id);
    return { error: errorOf(given), ...given, ackMs: Math.round(performance.now() - started), attempts };
  }

  return {
    async deliver(delivery) {
      let answer = await attempt(delivery, 1);
      delivery.onAttempt?.(answer);
      for (const delay of delivery.retryDelaysMs) {
        if (answer.error === null) break;
        await wait(delay, undefined, { signal: stopped.signal }).catch(() => undefined);
        if (stopped.signal.aborted) break;
        answer = await attempt(delivery, answer.attempts + 1);
        delivery.onAttempt?.(answer);
      }
      return answer;
    },
    answered: (id, given) => waiting.get(id)?.(given),
    stop: () => stopped.abort(),
  };
}

const noConnection = { status: 0, body: '', error: 'No long connection is open. Is the bot set to one, and running?' };

const notInTime = (ms: number) => ({
  status: 0,
  body: '',
  error: `The bot did not acknowledge within ${ms} ms. Look at its log with: make logs`,
});

function errorOf({ status, body }: Given): string | null {
  return status === 200 ? null : `The bot answered with code ${status}: ${body.slice(0, 200)}`;
}
