// Leases due rows, handles several at once, sleeps while no row is due, and shuts down in order.
import { setMaxListeners } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from '../telemetry/logger.ts';

export interface PumpOptions<Row> {
  /** Maximum number of rows in progress. */
  concurrency: number;
  /** Returns the maximum number of rows of the next lease. Default: the number of free places. */
  leaseLimit?: () => number;
  lease(limit: number): Promise<Row[]>;
  /** Handles one row. `signal` aborts when the grace time of a stop is over. */
  handle(row: Row, signal: AbortSignal): Promise<void>;
  /** Renews the leases of the rows in progress. Called every `renewEveryMs`. */
  renew(rows: Row[]): Promise<void>;
  renewEveryMs: number;
  /** Milliseconds to sleep when no row is due; `wake` ends the sleep. */
  idleMs: number;
  log: Logger;
}

/** Minimum milliseconds between two leases. Under load, rows that arrive in between are leased together. */
const LEASE_INTERVAL_MS = 50;
/**
 * Minimum milliseconds between two leases if all places were filled. The wait ends early once a quarter of the places
 * is free.
 */
const FULL_LEASE_INTERVAL_MS = 200;

export interface Pump {
  start(): void;
  /** Ends the sleep, because a row may be due now. */
  wake(): void;
  /** Leases no more rows, waits `graceMs` for rows in progress, then aborts them and waits for their end. */
  stop(graceMs: number): Promise<void>;
}

export function createPump<Row>(options: PumpOptions<Row>): Pump {
  const { concurrency, leaseLimit = () => concurrency, lease, handle, renew, renewEveryMs, idleMs, log } = options;
  const running = new Map<Promise<void>, Row>();
  let renewing: NodeJS.Timeout | undefined;
  const abort = new AbortController();
  // Each row in progress adds a listener. Above the default of ten, Node.js would warn of a leak.
  setMaxListeners(0, abort.signal);
  let stopping = false;
  let isWoken = false;
  let endSleep: () => void = () => {};
  let loop: Promise<void> = Promise.resolve();

  const wake = () => {
    isWoken = true;
    endSleep();
  };

  function startRow(row: Row): void {
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
      log.error('Failed to handle a row; its lease will expire', { error });
    }
  }

  /** Sleeps for `ms` milliseconds, or until `wake` is called. */
  async function sleep(ms: number): Promise<void> {
    if (isWoken) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      endSleep = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  async function run(): Promise<void> {
    while (!stopping) {
      isWoken = false;
      const free = concurrency - running.size;
      const wanted = Math.min(free, leaseLimit());
      const rows = wanted > 0 ? await leaseSafely(wanted) : [];
      for (const row of rows) startRow(row);
      const leasedAt = performance.now();
      if (rows.length < wanted) await sleep(idleMs);
      else if (wanted === free) await waitForFreePlaces(leasedAt);
      // A negative delay makes Node.js 24 print a warning.
      await delay(Math.max(0, leasedAt + LEASE_INTERVAL_MS - performance.now()));
    }
  }

  /** Delays the next lease while more rows may be due than were leased, so that a single free place costs no query. */
  async function waitForFreePlaces(since: number): Promise<void> {
    for (;;) {
      const rest = since + FULL_LEASE_INTERVAL_MS - performance.now();
      if (stopping || rest <= 0 || running.size <= concurrency * 0.75) return;
      isWoken = false;
      await sleep(rest);
    }
  }

  /** Leases rows. If the database is unavailable, returns none, so that the pump keeps running. */
  async function leaseSafely(limit: number): Promise<Row[]> {
    try {
      return await lease(limit);
    } catch (error) {
      log.error('Failed to lease rows; retrying', { error });
      return [];
    }
  }

  /**
   * Renews the leases of rows in progress. If that fails, a lease may expire and another process may lease the row.
   * Later writes of this process to that row then change nothing.
   */
  function renewSafely(): void {
    if (running.size === 0) return;
    renew([...running.values()]).catch((error: unknown) => log.error('Failed to renew leases', { error }));
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
