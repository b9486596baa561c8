// Delivers over long connections as the platforms do: each attempt to one connection, repeated until acknowledged.
import { setTimeout as wait } from 'node:timers/promises';
import type { CallbackAnswer } from '../deliver.ts';

/** One delivery. */
export interface Delivery {
  /** Sends one attempt to one connection. Returns false if no connection accepts it. Every attempt has its own id. */
  send(id: string): boolean;
  newId(): string;
  ackWithinMs: number;
  /** Milliseconds before each further attempt. */
  retryDelaysMs: readonly number[];
  onAttempt?: ((answer: CallbackAnswer) => void) | undefined;
}

/** The acknowledgement: its code, and 0 if none arrived. */
type Acknowledgement = Pick<CallbackAnswer, 'status' | 'body'> & { error?: string };

/** Pending deliveries. */
export interface Deliveries {
  deliver(delivery: Delivery): Promise<CallbackAnswer>;
  /** Reports the client's acknowledgement of an attempt. Late acknowledgements are ignored. */
  acknowledge(id: string, acknowledgement: { status: number; body: string }): void;
  stop(): void;
}

/** Creates the deliveries of one fake platform. */
export function createDeliveries(): Deliveries {
  const waiting = new Map<string, (acknowledgement: Acknowledgement) => void>();
  const stopped = new AbortController();

  async function attempt({ send, newId, ackWithinMs }: Delivery, attempts: number): Promise<CallbackAnswer> {
    const started = performance.now();
    const id = newId();
    const settled = new AbortController();
    const signal = AbortSignal.any([settled.signal, stopped.signal]);
    const answer = new Promise<Acknowledgement>((resolve) => waiting.set(id, resolve));
    const expired = wait(ackWithinMs, notInTime(ackWithinMs), { signal }).catch(() => notInTime(ackWithinMs));
    const acknowledgement = send(id) ? await Promise.race([answer, expired]) : noConnection;
    settled.abort();
    waiting.delete(id);
    return {
      error: errorOf(acknowledgement),
      ...acknowledgement,
      ackMs: Math.round(performance.now() - started),
      attempts,
    };
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
    acknowledge: (id, acknowledgement) => waiting.get(id)?.(acknowledgement),
    stop: () => stopped.abort(),
  };
}

const noConnection = { status: 0, body: '', error: 'No long connection is open. Is the bot set to one, and running?' };

const notInTime = (ms: number) => ({
  status: 0,
  body: '',
  error: `The bot did not acknowledge within ${ms} ms. Look at its log with: make logs`,
});

function errorOf({ status, body }: Acknowledgement): string | null {
  return status === 200 ? null : `The bot answered with code ${status}: ${body.slice(0, 200)}`;
}
