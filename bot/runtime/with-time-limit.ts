// Limits the time of a step.
import { setMaxListeners } from 'node:events';

/**
 * Calls `step` with a signal that aborts after `ms` milliseconds, or when `parent` aborts. Resolves with the result of
 * the step, which must end when the signal aborts. Does not combine `AbortSignal.any` and `AbortSignal.timeout`, because
 * a garbage collection then removes the timeout, see https://github.com/nodejs/node/issues/57736 (read 2026-11).
 */
export async function withTimeLimit<T>(
  parent: AbortSignal,
  ms: number,
  step: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const limit = new AbortController();
  const giveUp = () => limit.abort();
  const timer = setTimeout(giveUp, ms).unref();
  // Many steps may share one signal. Above the default limit of ten listeners Node.js prints a warning.
  setMaxListeners(0, parent);
  parent.addEventListener('abort', giveUp);
  if (parent.aborted) giveUp();
  try {
    return await step(limit.signal);
  } finally {
    clearTimeout(timer);
    parent.removeEventListener('abort', giveUp);
  }
}
