// Checks that the database accepts writes, at the cost of at most one page of SQLite's log.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Knex } from 'knex';
import type { LibsqlClient } from './sqlite/client.ts';

/**
 * Resolves with undefined if a write succeeds within `timeoutMs` milliseconds, otherwise with the reason. If an earlier
 * check still hangs, a call waits for the same check, so that checks cannot use up the connections.
 */
export type WritableCheck = (timeoutMs: number) => Promise<string | undefined>;

export function createWritableCheck(knex: Knex, write: (knex: Knex, timeoutMs: number) => PromiseLike<unknown>) {
  let running: Promise<string | undefined> | undefined;
  const check: WritableCheck = async (timeoutMs) => {
    running ??= Promise.resolve(write(knex, timeoutMs))
      .then(() => undefined, reasonOf)
      .finally(() => {
        running = undefined;
      });
    const timer = new AbortController();
    const late = sleep(timeoutMs, `no answer within ${timeoutMs} ms`, { signal: timer.signal, ref: false });
    try {
      return await Promise.race([running, late]);
    } finally {
      late.catch(() => {}); // aborted
      timer.abort();
    }
  };
  return check;
}

/** Writes an unused header field. A read-only, full or locked file rejects it, as it rejects a message. */
export function writeSqlite({ client }: Knex): Promise<void> {
  return (client as LibsqlClient).write((connection) => connection.exec('PRAGMA user_version = 0'));
}

/**
 * Runs a DELETE that matches no row. A read-only server, a locked or damaged table and missing rights reject it too.
 */
export async function writeMysql(knex: Knex, timeoutMs: number): Promise<void> {
  await knex('inbox').where({ id: 0 }).delete().timeout(timeoutMs);
}

/** Reads without a table, for a read-only store. */
export async function readAny(knex: Knex, timeoutMs: number): Promise<void> {
  await knex.raw('select 1').timeout(timeoutMs);
}

/** Returns message and code of the error, without the statement that knex puts before the message. */
function reasonOf(error: unknown): string {
  const { message, code } = error as { message: string; code?: unknown }; // knex and its drivers reject with errors
  const reason = message.slice(message.lastIndexOf(' - ') + 1).replace(/^- /, '');
  return typeof code === 'string' && !reason.includes(code) ? `${reason} (${code})` : reason;
}
