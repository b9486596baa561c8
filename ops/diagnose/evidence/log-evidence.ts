// Everything the checks want from the log, counted in one reading.
import { createCallbackTally, createPushTally, type Tally } from './group-lines.ts';
import { createLogSource, type LogWindow, type ReadOptions } from './log-source.ts';

export interface LogEvidence {
  /** Throws what the system throws when the folder cannot be read. */
  read(options: Omit<ReadOptions, 'onLine'>): Promise<LogWindow & { pushes: Tally; callbacks: Tally }>;
}

/** Reads once for all who ask: one instance belongs to one run, and a run has one window. */
export function createLogEvidence(source = createLogSource()): LogEvidence {
  let reading: ReturnType<LogEvidence['read']> | undefined;
  return {
    read(options) {
      reading ??= readOnce(options);
      return reading;
    },
  };

  async function readOnce(options: Omit<ReadOptions, 'onLine'>) {
    const pushes = createPushTally();
    const callbacks = createCallbackTally();
    const window = await source.read({
      ...options,
      onLine(line, at) {
        pushes.add(line, at);
        callbacks.add(line, at);
      },
    });
    return { ...window, pushes, callbacks };
  }
}
