// Measures a lease and a sweep of the retention on large tables: `make bench BENCH=lease`.
// Options: --rows 50000, --finished 1000000, --rounds 9, --database sqlite|mariadb.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { FINISHED_RETENTION_MS } from '../bot/domain/callback.ts';
import { createOutbox, type OutboxRow } from '../bot/outbox/outbox.ts';
import { sweepOnce } from '../bot/retention/sweeps.ts';
import { migrate } from '../bot/store/migrate.ts';
import { openStore, type Store } from '../bot/store/open-store.ts';
import { startMariadb } from '../test/support/mariadb.ts';

const { values } = parseArgs({
  options: {
    rows: { type: 'string', default: '50000' },
    finished: { type: 'string', default: '1000000' },
    rounds: { type: 'string', default: '9' },
    database: { type: 'string' },
  },
});
const ROWS = Number(values.rows);
const FINISHED = Number(values.finished);
const ROUNDS = Number(values.rounds);
const LIMIT = 32;

/**
 * Distribution of waiting parts. `blocked`: the first part of each chat waits for its retry, as when a platform is
 * down.
 */
const SHAPES: Record<string, (n: number) => Record<string, unknown>> = {
  'one chat': () => ({ chat_key: 'one' }),
  'a chat each': (n) => ({ chat_key: `chat ${n}` }),
  'one chat, then a chat each': (n) => ({ chat_key: n < ROWS / 2 ? 'one' : `chat ${n}` }),
  'blocked, two in each chat': (n) => ({
    chat_key: `chat ${Math.floor(n / 2)}`,
    available_at: n % 2 === 0 ? Date.now() + 3_600_000 : 0,
  }),
};

const write = (line: string) => void process.stdout.write(`${line}\n`);

function rowOf(n: number, over: Record<string, unknown>): Record<string, unknown> {
  return {
    ...{ inbox_id: n, part: 0, platform: 'feishu', app_id: 'cli_a', tenant_id: 'default', user_id: 'ou_1' },
    ...{ target: '{}', content: 'x'.repeat(200), idempotency_key: `${n}-0`, expires_at: 0, created_at: n },
    ...{ trace_id: `${n}`, state: 'pending', available_at: 0, ...over },
  };
}

async function fill(store: Store, count: number, over: (n: number) => Record<string, unknown>): Promise<void> {
  await store.knex('outbox').truncate();
  for (let first = 0; first < count; first += 1000) {
    const rows = Array.from({ length: Math.min(1000, count - first) }, (_, i) => rowOf(first + i, over(first + i)));
    await store.knex.transaction(async (trx) => {
      for (let i = 0; i < rows.length; i += 50) await trx('outbox').insert(rows.slice(i, i + 50));
    });
  }
  if (store.dialect === 'mysql') await store.knex.raw('analyze table outbox');
}

/** Milliseconds of elapsed time, and of CPU time of this process. The CPU time includes SQLite, but not MariaDB. */
interface Time {
  wall: number;
  cpu: number;
}

async function timed<T>(work: () => Promise<T>): Promise<[time: Time, result: T]> {
  const [start, before] = [performance.now(), process.cpuUsage()];
  const result = await work();
  const { user, system } = process.cpuUsage(before);
  return [{ wall: performance.now() - start, cpu: (user + system) / 1000 }, result];
}

const shown = (times: Time[]) => {
  const at = (share: number, of: keyof Time) => {
    const sorted = times.map((time) => time[of]).sort((a, b) => a - b);
    return (sorted[Math.floor((sorted.length - 1) * share)] ?? 0).toFixed(1);
  };
  return `median ${at(0.5, 'wall')} ms (CPU ${at(0.5, 'cpu')} ms), longest ${at(1, 'wall')} ms`;
};

async function leases(store: Store, name: string): Promise<void> {
  for (const [shape, over] of Object.entries(SHAPES)) {
    await fill(store, ROWS, over);
    const outbox = createOutbox({ store, owner: 'bench', clock: Date.now });
    const [times, idle]: [Time[], Time[]] = [[], []];
    let leased = 0;
    for (let round = 0; round < ROUNDS; round++) {
      const [time, rows] = await timed(() => outbox.lease(LIMIT));
      times.push(time);
      leased += rows.length;
      idle.push((await timed(() => outbox.lease(LIMIT)))[0]);
      for (const row of rows) await outbox.release(row as OutboxRow);
    }
    write(`${name}, ${ROWS} parts, ${shape}: lease of ${LIMIT}: ${shown(times)} (${leased / ROUNDS} rows)`);
    write(`${name}, ${ROWS} parts, ${shape}: the next lease: ${shown(idle)}`);
  }
}

async function sweeps(store: Store, name: string): Promise<void> {
  const now = Date.now();
  await fill(store, FINISHED, () => ({ chat_key: 'c', state: 'sent', finished_at: now - FINISHED_RETENTION_MS / 8 }));
  const times: Time[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const [time, counts] = await timed(() =>
      sweepOnce({ store, now, conversationDays: 90, sessionTimeoutSeconds: 1800 }),
    );
    times.push(time);
    if (counts.outbox > 0) throw new Error('The sweep deleted rows that are not expired.');
  }
  write(`${name}, ${FINISHED} finished parts of the last hour: sweep: ${shown(times)}`);
}

async function bench(name: string, url: string): Promise<void> {
  const store = openStore(url);
  await migrate(store);
  await leases(store, name);
  if (FINISHED > 0) await sweeps(store, name);
  await store.close();
}

if (values.database !== 'mariadb') {
  const dir = await mkdtemp(join(tmpdir(), 'chatbot-lease-'));
  await bench('SQLite', `sqlite:${dir}/bot.db`);
  await rm(dir, { recursive: true, force: true });
}
if (values.database !== 'sqlite') {
  const mariadb = await startMariadb(['--innodb-buffer-pool-size=256M']);
  try {
    await bench('MariaDB', mariadb.url);
  } finally {
    await mariadb.stop();
  }
}
