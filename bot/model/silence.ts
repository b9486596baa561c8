// Aborts a call if no data arrives for too long.
import { setMaxListeners } from 'node:events';

export interface SilenceWatch {
  /** Aborts on a timeout, and when the caller gives up. */
  signal: AbortSignal;
  /** Restarts the timeout, unless the answer has ended. */
  recordActivity(): void;
  /** Starts the shorter timeout for the end of the response. Later activity does not restart it; a second call does. */
  recordAnswerEnd(): void;
  /** Returns true if a timeout ended the call, and not the caller. */
  isTimedOut(): boolean;
  /** Removes the timer and the listener. Must be called when the call ends. */
  stop(): void;
}

/** Milliseconds for by-products and the end of the connection. Some servers leave it open and send comments. */
export const END_WITHIN_MS = 2_000;

/**
 * Starts a timeout of `ms` without activity, and of `endMs` after the end of the answer. Does not use
 * `AbortSignal.any`, because it leaves a weak reference on a long-lived signal for each call.
 */
export function watchSilence(caller: AbortSignal, ms: number, endMs = END_WITHIN_MS): SilenceWatch {
  const ended = new AbortController();
  let isTimedOut = false;
  const giveUp = () => ended.abort();
  let hasAnswerEnded = false;
  const onTimeout = () => {
    isTimedOut = true;
    giveUp();
  };
  let timer = setTimeout(onTimeout, ms).unref();
  // A caller can have many concurrent calls, each with a listener. Node warns of a leak above ten listeners.
  setMaxListeners(0, caller);
  caller.addEventListener('abort', giveUp);
  if (caller.aborted) giveUp();
  return {
    signal: ended.signal,
    recordActivity() {
      if (!hasAnswerEnded) timer.refresh();
    },
    recordAnswerEnd() {
      hasAnswerEnded = true;
      clearTimeout(timer);
      timer = setTimeout(onTimeout, Math.min(ms, endMs)).unref();
    },
    isTimedOut: () => isTimedOut && !caller.aborted,
    stop() {
      clearTimeout(timer);
      caller.removeEventListener('abort', giveUp);
    },
  };
}
