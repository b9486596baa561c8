// Everything the checks want from the logs, each log read once.
import type { Platform } from '../../../bot/domain/platform.ts';
import { createCallbackTally, createModelTally, createPushTally, type Tally } from './group-lines.ts';
import { createIgnoredTally, type IgnoredTally } from './ignored-lines.ts';
import { createLogSource, type LogWindow, type ReadOptions } from './log-source.ts';

type Window = Omit<ReadOptions, 'name' | 'onLine'>;
type CallbackWindow = Window & { byConnection: readonly Platform[] };

export interface LogEvidence {
  /** From `callback.log`. Throws what the system throws when the folder cannot be read. */
  callbackLog(window: CallbackWindow): Promise<LogWindow & { pushes: Tally; callbacks: Tally; ignored: IgnoredTally }>;
  /** From `app.log`. */
  modelCalls(window: Window): Promise<LogWindow & { calls: Tally }>;
}

/** Reads once for all who ask: one instance belongs to one run, and a run has one window. */
export function createLogEvidence(source = createLogSource()): LogEvidence {
  let reading: ReturnType<LogEvidence['callbackLog']> | undefined;
  return {
    callbackLog(window) {
      reading ??= readCallbackLog(window);
      return reading;
    },
    async modelCalls(window) {
      const calls = createModelTally();
      const read = await source.read({ ...window, name: 'app', onLine: calls.add });
      return { ...read, calls };
    },
  };

  async function readCallbackLog({ byConnection, ...window }: CallbackWindow) {
    const pushes = createPushTally();
    const callbacks = createCallbackTally(byConnection);
    const ignored = createIgnoredTally();
    const read = await source.read({
      ...window,
      name: 'callback',
      onLine(line, at) {
        pushes.add(line, at);
        callbacks.add(line, at);
        ignored.add(line, at);
      },
    });
    return { ...read, pushes, callbacks, ignored };
  }
}
