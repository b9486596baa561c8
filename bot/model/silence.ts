// Ends a call when nothing has come for too long.
import { setMaxListeners } from 'node:events';

export interface SilenceWatch {
  /** Aborts on silence, and when the caller gives up. */
  signal: AbortSignal;
  /** Something came. */
  heard(): void;
  /** Only the end is missing: from now on, little time is left for it, whatever is heard. Starts the time again. */
  ending(): void;
  /** Whether silence ended the call. */
  tooLong(): boolean;
  /** Must be called in the end: the timer and the listener go. */
  stop(): void;
}

/** Milliseconds for by-products and the end of the connection. Some servers leave it open and send comments. */
const END_WITHIN_MS = 2_000;

/**
 * Watches from now on, `ms` for each silence and `endMs` for the end. Not AbortSignal.any: it leaves a weak reference
 * behind on a signal that lives on.
 */
export function watchSilence(caller: AbortSignal, ms: number, endMs = END_WITHIN_MS): SilenceWatch {
  const ended = new AbortController();
  let silent = false;
  const giveUp = () => ended.abort();
  let isEnding = false;
  const tooLate = () => {
    silent = true;
    giveUp();
  };
  let timer = setTimeout(tooLate, ms).unref();
  // One caller may have many calls, each with a listener. Node warns of a leak above ten.
  setMaxListeners(0, caller);
  caller.addEventListener('abort', giveUp);
  if (caller.aborted) giveUp();
  return {
    signal: ended.signal,
    heard() {
      if (!isEnding) timer.refresh();
    },
    ending() {
      isEnding = true;
      clearTimeout(timer);
      timer = setTimeout(tooLate, Math.min(ms, endMs)).unref();
    },
    tooLong: () => silent && !caller.aborted,
    stop() {
      clearTimeout(timer);
      caller.removeEventListener('abort', giveUp);
    },
  };
}
