// Deletes expired rows once a minute.
import type { Store } from '../store/open-store.ts';
import type { Logger } from '../telemetry/logger.ts';
import { type SweepCounts, sweepOnce } from './sweeps.ts';

export interface RetentionOptions {
  store: Store;
  /** Milliseconds since 1970. */
  clock: () => number;
  log: Pick<Logger, 'info' | 'error'>;
  /** Days that conversations are kept; 0 is for ever. */
  conversationDays: number;
  /** Seconds without a message after which a session ends. */
  sessionTimeoutSeconds: number;
  /** Pause between two sweeps in milliseconds; default one minute. */
  everyMs?: number;
}

export interface Retention {
  /** Deletes expired rows once. Rejects if the database fails. */
  sweep(): Promise<SweepCounts>;
  /** Starts periodic sweeps. A failed sweep is logged, and the next one runs as scheduled. */
  start(): void;
  /** Stops the sweeps. Resolves when no statement is running any more. */
  stop(): Promise<void>;
}

export const SWEEP_INTERVAL_MS = 60_000;

export function createRetention(options: RetentionOptions): Retention {
  const { store, clock, log, conversationDays, sessionTimeoutSeconds, everyMs = SWEEP_INTERVAL_MS } = options;
  const abort = new AbortController();
  const { signal } = abort;
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> = Promise.resolve();

  const sweep = async () => {
    const counts = await sweepOnce({ store, now: clock(), conversationDays, sessionTimeoutSeconds, signal });
    const deleted = Object.entries(counts).filter(([, rows]) => rows > 0);
    if (deleted.length > 0) {
      const summary = deleted.map(([kind, rows]) => `${kind} ${rows}`).join(', ');
      log.info('Expired rows were deleted', { 'event.action': 'retention-swept', 'chatbot.swept': summary });
    }
    return counts;
  };

  function schedule(): void {
    timer = setTimeout(() => {
      running = sweep().then(
        () => {},
        (error: unknown) => log.error('Failed to delete expired rows; the next sweep retries', { error }),
      );
      void running.then(() => signal.aborted || schedule());
    }, everyMs).unref();
  }

  return {
    sweep,
    start: schedule,
    async stop() {
      abort.abort();
      clearTimeout(timer);
      await running;
    },
  };
}
