// Reads the logs for all checks. Each log is read once.
import type { Platform } from '../../../bot/domain/platform.ts';
import { createCallbackTally, createModelTally, createPushTally, type Tally } from './group-lines.ts';
import { createIgnoredTally, type IgnoredTally } from './ignored-lines.ts';
import { createLogSource, type LogWindow, type ReadOptions } from './log-source.ts';

type ModelWindow = Omit<ReadOptions, 'name' | 'onLine'>;
type CallbackWindow = ModelWindow & { byConnection: readonly Platform[] };

export interface LogEvidence {
  /** Reads `callback.log`. Rejects with the error of the system if the folder cannot be read. */
  callbackLog(window: CallbackWindow): Promise<LogWindow & { pushes: Tally; callbacks: Tally; ignored: IgnoredTally }>;
  /** Reads `app.log`. Rejects with the error of the system if the folder cannot be read. */
  modelCalls(window: ModelWindow): Promise<LogWindow & { calls: Tally }>;
}

/** Creates the evidence of one run. The first call reads `callback.log`, later calls share the result. */
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
