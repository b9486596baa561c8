// Tests the checks of logs that could not be read completely in time.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { loadSettings } from '../../../../bot/config/load-settings.ts';
import { cfgSchema } from '../../../../ops/diagnose/checks/cfg.ts';
import { evCallbacks, evModel, evPushes, logsLocal } from '../../../../ops/diagnose/checks/evidence.ts';
import { evIgnored } from '../../../../ops/diagnose/checks/ignored.ts';
import { procUp } from '../../../../ops/diagnose/checks/proc.ts';
import { runChecks } from '../../../../ops/diagnose/engine/run-checks.ts';
import { createLogEvidence } from '../../../../ops/diagnose/evidence/log-evidence.ts';
import { createLogSource } from '../../../../ops/diagnose/evidence/log-source.ts';
import { createRealPorts } from '../../../../ops/diagnose/ports/real-ports.ts';

let dir: string;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'chatbot-evidence-'));
  for (const name of ['app', 'callback'])
    await writeFile(join(dir, `${name}.log`), '{"@timestamp":"2026-11-22T10:00:00.000Z"}\n');
});
afterAll(() => rm(dir, { recursive: true }));

/** Returns the status of each check of the logs. */
async function stateOfEach({ isLate }: { isLate: boolean }) {
  const env = { LOG_DIR: dir, MODEL_BASE_URL: 'http://127.0.0.1:9', MODEL_NAME: 'm' };
  const cfg = loadSettings({ env, dir: '/nonexistent' });
  const real = createRealPorts({ dir: '/nonexistent' });
  const source = createLogSource();
  const logs = createLogEvidence({
    read: (options) => source.read(isLate ? { ...options, signal: AbortSignal.abort() } : options),
  });
  const down = { ...procUp, run: async () => ({ status: 'warn', summary: 'down' }) as const };
  const { checks } = await runChecks({
    checks: [
      cfgSchema({ settings: cfg, problems: [], unreadable: [], secrets: [] }),
      ...[{ ...down, applies: () => true as const }, logsLocal, evPushes, evCallbacks, evModel, evIgnored],
    ],
    cfg,
    ports: { ...real, logs },
    window: { from: new Date(0), to: new Date() },
    budgetMs: 60_000,
  });
  real.http.close();
  return checks.filter(({ id }) => id.startsWith('ev.')).map(({ id, status }) => `${id} ${status}`);
}

test('reports ok for logs that were read completely and contain no failure', async () => {
  expect(await stateOfEach({ isLate: false })).toEqual([
    'ev.pushes ok',
    'ev.callbacks ok',
    'ev.model ok',
    'ev.ignored ok',
  ]);
});

test('reports unknown for logs that were not read completely', async () => {
  expect(await stateOfEach({ isLate: true })).toEqual([
    ...['ev.pushes unknown', 'ev.callbacks unknown', 'ev.model unknown', 'ev.ignored unknown'],
  ]);
});
