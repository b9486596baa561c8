// Forgets in time: once a minute what is older than it is kept is deleted.
import type { Store } from '../store/open-store.ts';
import type { Logger } from '../telemetry/logger.ts';
import { type SweepCounts, sweepOnce } from './sweeps.ts';

export interface RetentionOptions {
  store: Store;
  /** Milliseconds since 1970. */
  clock: () => number;
  log: Pick<Logger, 'info' | 'error'>;
  /** Days for which conversations are kept; 0 is for ever. */
  conversationDays: number;
  /** Seconds of silence after which a session is over. */
  sessionTimeoutSeconds: number;
  /** Pause between two sweeps in milliseconds; a minute when left out. */
  everyMs?: number;
}

export interface Retention {
  /** Deletes what is too old now. */
  sweep(): Promise<SweepCounts>;
  /** Sweeps again and again; a sweep that fails is logged. */
  start(): void;
  /** Resolves when nothing of it touches the database any more. */
  stop(): Promise<void>;
}

const EVERY_MS = 60_000;

export function createRetention(options: RetentionOptions): Retention {
  const { store, clock, log, conversationDays, sessionTimeoutSeconds, everyMs = EVERY_MS } = options;
  const abort = new AbortController();
  const { signal } = abort;
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> = Promise.resolve();

  const sweep = async () => {
    const counts = await sweepOnce({ store, now: clock(), conversationDays, sessionTimeoutSeconds, signal });
    const deleted = Object.entries(counts).filter(([, rows]) => rows > 0);
    if (deleted.length > 0) {
      const summary = deleted.map(([what, rows]) => `${what} ${rows}`).join(', ');
      log.info('Old rows were deleted', { 'event.action': 'retention-swept', 'chatbot.swept': summary });
    }
    return counts;
  };

  function schedule(): void {
    timer = setTimeout(() => {
      running = sweep().then(
        () => {},
        (error: unknown) => log.error('Old rows could not be deleted; trying again in a minute', { error }),
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
