// Proves that the database accepts writes, at the price of one page of SQLite's log or none at all.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Knex } from 'knex';
import type { LibsqlClient } from './sqlite/client.ts';

/**
 * Resolves with undefined if a write succeeds within `timeoutMs`, otherwise with the reason. A call while an earlier
 * check still hangs gets the same answer, so checks cannot use up the connections.
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
    const patience = new AbortController();
    const late = sleep(timeoutMs, `no answer within ${timeoutMs} ms`, { signal: patience.signal, ref: false });
    try {
      return await Promise.race([running, late]);
    } finally {
      late.catch(() => {}); // aborted
      patience.abort();
    }
  };
  return check;
}

/** Writes a header field that nothing uses: a read-only, full or locked file fails as it would for a message. */
export function writeSqlite({ client }: Knex): Promise<void> {
  return (client as LibsqlClient).write((connection) => connection.exec('PRAGMA user_version = 0'));
}

/** Deletes no row. A read-only server, a locked or damaged table and missing rights reject it all the same. */
export async function writeMysql(knex: Knex, timeoutMs: number): Promise<void> {
  await knex('inbox').where({ id: 0 }).delete().timeout(timeoutMs);
}

/** For a store that only reads. */
export async function readAny(knex: Knex, timeoutMs: number): Promise<void> {
  await knex.raw('select 1').timeout(timeoutMs);
}

/** The statement that knex puts before the message says nothing about the cause. */
function reasonOf(error: unknown): string {
  const { message, code } = error as { message: string; code?: unknown }; // knex and its drivers reject with errors
  const reason = message.slice(message.lastIndexOf(' - ') + 1).replace(/^- /, '');
  return typeof code === 'string' && !reason.includes(code) ? `${reason} (${code})` : reason;
}
