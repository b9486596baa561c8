// Posts callbacks to the bot as a platform does: with a deadline, and again on its schedule if not acknowledged.

import { setMaxListeners } from 'node:events';
import { Agent } from 'node:http';
import { Agent as TlsAgent } from 'node:https';
import { setTimeout as wait } from 'node:timers/promises';
import fetch from 'node-fetch';

/** A request ready to be posted to the bot. Tests change parts of it to forge a callback. */
export interface Callback {
  url: string;
  headers: Record<string, string>;
  body: Buffer;
}

/** The bot's answer to a callback; after redeliveries, the answer to the last attempt. */
export interface CallbackAnswer {
  /** HTTP status; 0 if no answer arrived. */
  status: number;
  body: string;
  /** Milliseconds from sending to the end of the answer. */
  ackMs: number;
  /** Number of attempts. */
  attempts: number;
  /** Error text; null if the platform counts the callback as acknowledged. */
  error: string | null;
}

/** Options of a delivery. */
interface DeliverOptions {
  /** Called for each attempt, because every redelivery gets a new signature. */
  seal(): Callback;
  deadlineMs: number;
  retryDelaysMs: readonly number[];
  onAttempt?: ((answer: CallbackAnswer) => void) | undefined;
}

/** Delivers callbacks. `stop` cancels waiting redeliveries and closes the connections. */
export interface CallbackSender {
  deliver(options: DeliverOptions): Promise<CallbackAnswer>;
  stop(): void;
}

/** Creates the sender of one fake platform. */
export function createCallbackSender(): CallbackSender {
  const connections = { keepAlive: true, maxSockets: 64 };
  const plain = new Agent(connections);
  const tls = new TlsAgent(connections);
  const agent = ({ protocol }: URL) => (protocol === 'https:' ? tls : plain);
  const stopped = new AbortController();
  // Every waiting redelivery listens; Node would warn of a leak above its default of ten listeners.
  setMaxListeners(0, stopped.signal);
  const underWay = new Set<AbortController>();

  async function attempt(callback: Callback, deadlineMs: number, attempts: number): Promise<CallbackAnswer> {
    const started = performance.now();
    const elapsed = () => Math.round(performance.now() - started);
    const ended = new AbortController();
    const deadline = setTimeout(() => ended.abort(), deadlineMs);
    underWay.add(ended);
    try {
      const { url, headers, body } = callback;
      const { signal } = ended;
      const response = await fetch(url, { method: 'POST', headers, body, agent, signal, redirect: 'manual' });
      const text = await response.text();
      const error = response.status === 200 ? null : `The bot answered HTTP ${response.status}: ${text.slice(0, 200)}`;
      return { status: response.status, body: text, ackMs: elapsed(), attempts, error };
    } catch (cause) {
      return { status: 0, body: '', ackMs: elapsed(), attempts, error: explain(cause, callback.url, deadlineMs) };
    } finally {
      clearTimeout(deadline);
      underWay.delete(ended);
    }
  }

  return {
    async deliver({ seal, deadlineMs, retryDelaysMs, onAttempt }) {
      let answer = await attempt(seal(), deadlineMs, 1);
      onAttempt?.(answer);
      for (const delay of retryDelaysMs) {
        if (answer.error === null) break;
        await wait(delay, undefined, { signal: stopped.signal }).catch(() => undefined);
        if (stopped.signal.aborted) break;
        answer = await attempt(seal(), deadlineMs, answer.attempts + 1);
        onAttempt?.(answer);
      }
      return answer;
    },
    stop() {
      stopped.abort();
      for (const attempt of underWay) attempt.abort();
      plain.destroy();
      tls.destroy();
    },
  };
}

function explain(cause: unknown, url: string, deadlineMs: number): string {
  const { origin } = new URL(url);
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  if (cause instanceof Error && cause.name === 'AbortError') {
    return `The bot at ${origin} did not answer within ${deadlineMs} ms. Look at its log with: make logs`;
  }
  if (code === 'ECONNREFUSED') {
    return `Nothing listens at ${origin}. Start the bot with: make up`;
  }
  const reason = cause instanceof Error ? cause.message : String(cause);
  return `The bot at ${origin} could not be reached (${reason}). Look at its log with: make logs`;
}
