// Readiness for given facts.
import { tmpdir } from 'node:os';
import { expect, test } from '@jest/globals';
import type { ConnectionFacts } from '../../../bot/connections/facts.ts';
import { createReadiness } from '../../../bot/health/gather-readiness.ts';
import { type ReadinessFacts, readinessOf } from '../../../bot/health/readiness.ts';
import type { Store } from '../../../bot/store/open-store.ts';

const healthy: ReadinessFacts = {
  draining: false,
  databaseFailure: undefined,
  dialect: 'sqlite',
  logDirWritable: true,
  logDir: 'data/log',
  diskFree: 0.42,
  connections: [],
  now: Date.parse('2026-11-22T09:10:00Z'),
};

const connection: ConnectionFacts = {
  platform: 'feishu',
  appId: 'cli_x',
  up: false,
  connectedSince: null,
  downSince: '2026-11-22T09:00:00.000Z',
  lastFrameAt: null,
  lastEventAt: null,
  restarts: 0,
  failures: 9,
  flaps: 0,
  lastError: 'app_secret is invalid',
};

test('reports every condition with its level and detail', () => {
  expect(readinessOf(healthy)).toEqual({
    status: 'ready',
    conditions: [
      { id: 'database', level: 'required', ok: true, detail: 'sqlite' },
      { id: 'disk', level: 'required', ok: true, detail: '42.0 % free' },
      { id: 'log_dir', level: 'advisory', ok: true, detail: 'data/log' },
    ],
  });
});

test.each<{ name: string; facts: Partial<ReadinessFacts>; status: string; failing: string[] }>([
  { name: 'no database', facts: { databaseFailure: 'readonly' }, status: 'not_ready', failing: ['database'] },
  { name: 'a full disk', facts: { diskFree: 0 }, status: 'not_ready', failing: ['disk'] },
  { name: 'a disk below one percent', facts: { diskFree: 0.0099 }, status: 'not_ready', failing: ['disk'] },
  { name: 'a disk at one percent', facts: { diskFree: 0.01 }, status: 'ready', failing: [] },
  {
    name: 'a log folder that is not writable',
    facts: { logDirWritable: false },
    status: 'ready',
    failing: ['log_dir'],
  },
  {
    name: 'a platform without its long connection',
    facts: { connections: [connection] },
    status: 'ready',
    failing: ['connection'],
  },
  {
    name: 'a long connection that has just been lost',
    facts: { connections: [{ ...connection, downSince: '2026-11-22T09:09:01.000Z' }] },
    status: 'ready',
    failing: [],
  },
  {
    name: 'all failures at once',
    facts: { databaseFailure: 'readonly', diskFree: 0, logDirWritable: false },
    status: 'not_ready',
    failing: ['database', 'disk', 'log_dir'],
  },
  { name: 'draining', facts: { draining: true }, status: 'draining', failing: [] },
  {
    name: 'draining without a database',
    facts: { draining: true, databaseFailure: 'readonly' },
    status: 'draining',
    failing: ['database'],
  },
])('$name: $status', ({ facts, status, failing }) => {
  const readiness = readinessOf({ ...healthy, ...facts });
  const failed = readiness.conditions.filter(({ ok }) => !ok).map(({ id }) => id);
  expect({ status: readiness.status, failed }).toEqual({ status, failed: failing });
});

test('reports long connections per platform, with the reason why one is down', () => {
  const up = { ...connection, platform: 'dingtalk' as const, up: true, downSince: null };
  const { conditions } = readinessOf({ ...healthy, connections: [connection, up] });
  expect(conditions.filter(({ id }) => id === 'connection')).toEqual([
    { id: 'connection', level: 'advisory', ok: false, detail: 'feishu cli_x: app_secret is invalid' },
    { id: 'connection', level: 'advisory', ok: true, detail: 'dingtalk' },
  ]);
});

test.each([
  { name: 'within a second', moved: 500, status: 'ready' },
  { name: 'after more than a second', moved: 1_001, status: 'not_ready' },
  { name: 'after the clock was set back', moved: -3_600_000, status: 'not_ready' },
])('reports a database failure $name: $status', async ({ moved, status }) => {
  let now = healthy.now;
  let failure: string | undefined;
  const members = { dialect: 'sqlite', file: undefined, checkWritable: async () => failure };
  const store = members as unknown as Store; // the probe uses only these members
  const options = { store, logDir: tmpdir(), isDraining: () => false, readConnections: () => [], clock: () => now };
  const readiness = createReadiness(options);
  expect((await readiness.read()).status).toBe('ready');
  failure = 'disk I/O error';
  now += moved;
  expect((await readiness.read()).status).toBe(status);
});
