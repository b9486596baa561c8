// Moves rows: leases what is due, handles many at once, sleeps when there is nothing, stops in order.
import { setMaxListeners } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from '../telemetry/logger.ts';

export interface PumpOptions<Row> {
  concurrency: number;
  /** How many rows may be begun now; without it, as many as there are places. */
  appetite?: () => number;
  lease(limit: number): Promise<Row[]>;
  /** Handles one row. `signal` aborts when the pump may wait no longer. */
  handle(row: Row, signal: AbortSignal): Promise<void>;
  /** Prolongs the leases of the rows under way, called every `renewEveryMs`. */
  renew(rows: Row[]): Promise<void>;
  renewEveryMs: number;
  /** How long to sleep when nothing is due; `wake` ends the sleep. */
  idleMs: number;
  log: Logger;
}

/** Between two looks at the queue: under load, what comes meanwhile is leased in one go instead of one by one. */
const REST_MS = 50;
/** The same when there was more than could be taken, unless a quarter of the places is free before. */
const FULL_REST_MS = 200;

export interface Pump {
  start(): void;
  /** Something may be due now. */
  wake(): void;
  /** Leases no more, waits `graceMs` for what is under way, then aborts it and waits for it to end. */
  stop(graceMs: number): Promise<void>;
}

export function createPump<Row>(options: PumpOptions<Row>): Pump {
  const { concurrency, appetite = () => concurrency, lease, handle, renew, renewEveryMs, idleMs, log } = options;
  const running = new Map<Promise<void>, Row>();
  let renewing: NodeJS.Timeout | undefined;
  const abort = new AbortController();
  // Every row under way listens; the default of ten would warn of a leak.
  setMaxListeners(0, abort.signal);
  let stopping = false;
  let awake = false;
  let ring: () => void = () => {};
  let loop: Promise<void> = Promise.resolve();

  const wake = () => {
    awake = true;
    ring();
  };

  function begin(row: Row): void {
    const task = handleSafely(row).finally(() => {
      running.delete(task);
      // The next row of the same chat may be due now.
      wake();
    });
    running.set(task, row);
  }

  async function handleSafely(row: Row): Promise<void> {
    try {
      await handle(row, abort.signal);
    } catch (error) {
      log.error('A row could not be handled; its lease will run out', { error });
    }
  }

  /** Ends early when something may be due. */
  async function sleep(ms: number): Promise<void> {
    if (awake) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      ring = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  async function run(): Promise<void> {
    while (!stopping) {
      awake = false;
      const free = concurrency - running.size;
      const wanted = Math.min(free, appetite());
      const rows = wanted > 0 ? await leaseSafely(wanted) : [];
      for (const row of rows) begin(row);
      const leasedAt = performance.now();
      if (rows.length < wanted) await sleep(idleMs);
      else if (wanted === free) await waitForFreePlaces(leasedAt);
      // A negative delay makes Node.js 24 print a warning.
      await delay(Math.max(0, leasedAt + REST_MS - performance.now()));
    }
  }

  /** There is more than was taken: it is not looked for each time that one place is free. */
  async function waitForFreePlaces(since: number): Promise<void> {
    for (;;) {
      const rest = since + FULL_REST_MS - performance.now();
      if (stopping || rest <= 0 || running.size <= concurrency * 0.75) return;
      awake = false;
      await sleep(rest);
    }
  }

  /** The database can be away for a while: that ends the round, not the pump. */
  async function leaseSafely(limit: number): Promise<Row[]> {
    try {
      return await lease(limit);
    } catch (error) {
      log.error('No rows could be leased; trying again', { error });
      return [];
    }
  }

  /** A lease that cannot be prolonged runs out; whoever takes the row over finds the earlier holder's writes refused. */
  function renewSafely(): void {
    if (running.size === 0) return;
    renew([...running.values()]).catch((error: unknown) => log.error('Leases could not be prolonged', { error }));
  }

  return {
    start() {
      renewing = setInterval(renewSafely, renewEveryMs);
      loop = run();
    },
    wake,
    async stop(graceMs) {
      stopping = true;
      wake();
      await loop;
      const timer = setTimeout(() => abort.abort(), graceMs);
      await Promise.all(running.keys());
      clearTimeout(timer);
      clearInterval(renewing);
    },
  };
}
