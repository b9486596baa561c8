// Ends a call when nothing has come for too long.
import { setMaxListeners } from 'node:events';

export interface SilenceWatch {
  /** Aborts on silence, and when the caller gives up. */
  signal: AbortSignal;
  /** Something came. */
  heard(): void;
  /** Whether silence ended the call. */
  tooLong(): boolean;
  /** Must be called in the end: the timer and the listener go. */
  stop(): void;
}

/** Watches from now on. Not AbortSignal.any: it leaves a weak reference behind on a signal that lives on. */
export function watchSilence(caller: AbortSignal, ms: number): SilenceWatch {
  const ended = new AbortController();
  let silent = false;
  const giveUp = () => ended.abort();
  const timer = setTimeout(() => {
    silent = true;
    giveUp();
  }, ms).unref();
  // One caller may have many calls, each with a listener. Node warns of a leak above ten.
  setMaxListeners(0, caller);
  caller.addEventListener('abort', giveUp);
  if (caller.aborted) giveUp();
  return {
    signal: ended.signal,
    heard: () => void timer.refresh(),
    tooLong: () => silent && !caller.aborted,
    stop() {
      clearTimeout(timer);
      caller.removeEventListener('abort', giveUp);
    },
  };
}
