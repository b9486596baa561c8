// Tests the engine: order, skips, time limits, crashes, and a result for every check.
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { loadSettings } from '../../../../bot/config/load-settings.ts';
import type { Check, CheckOutcome } from '../../../../ops/diagnose/engine/check.ts';
import { runChecks } from '../../../../ops/diagnose/engine/run-checks.ts';
import type { Ports } from '../../../../ops/diagnose/ports/ports.ts';
import { createRealPorts } from '../../../../ops/diagnose/ports/real-ports.ts';
import { PATIENCE_MS } from '../../../support/patience.ts';

const ok: CheckOutcome = { status: 'ok', summary: 'fine' };

function check(id: string, change: Partial<Check> = {}): Check {
  return {
    id,
    title: id,
    layer: 0,
    needs: [],
    critical: true,
    timeoutMs: PATIENCE_MS,
    onTimeout: 'unknown',
    declares: [],
    run: async () => ok,
    ...change,
  };
}

async function run(checks: Check[], change: { budgetMs?: number; only?: string[]; ports?: Ports } = {}) {
  const cfg = loadSettings({ env: {}, dir: '/nonexistent' });
  const window = { from: new Date(0), to: new Date(1) };
  const ports = createRealPorts({ dir: '/nonexistent' });
  return runChecks({ checks, cfg, ports, window, budgetMs: PATIENCE_MS, ...change });
}

async function essence(...input: Parameters<typeof run>) {
  const { checks } = await run(...input);
  return checks.map(({ id, status, reason, becauseOf }) => [id, status, reason, becauseOf]);
}

const failing = async (): Promise<CheckOutcome> => ({ status: 'fail', summary: 'broken', code: 'EBROKEN' });
const never = () => new Promise<CheckOutcome>(() => undefined);

test('names the root of a chain in a skip, not the direct prerequisite', async () => {
  const chain = [
    check('a', { run: failing }),
    check('b', { needs: ['a'] }),
    check('c', { needs: ['b'] }),
    check('d', { after: ['c'] }),
  ];
  expect(await essence(chain)).toEqual([
    ['a', 'fail', undefined, undefined],
    ['b', 'skip', 'prerequisite', 'a'],
    ['c', 'skip', 'prerequisite', 'a'],
    ['d', 'ok', undefined, undefined],
  ]);
});

test('skips a check as not configured if its prerequisite is not configured', async () => {
  const chain = [
    check('a', { applies: () => ({ reason: 'not_configured', why: 'no platform' }) }),
    check('b', { needs: ['a'] }),
  ];
  expect(await essence(chain)).toEqual([
    ['a', 'skip', 'not_configured', undefined],
    ['b', 'skip', 'not_configured', 'a'],
  ]);
});

test('runs the dependent checks after a warning', async () => {
  const chain = [check('a', { run: async () => ({ status: 'warn', summary: 'hm' }) }), check('b', { needs: ['a'] })];
  expect((await essence(chain)).map(([, status]) => status)).toEqual(['warn', 'ok']);
});

const badChecks: [string, Partial<Check>, unknown[]][] = [
  ['rejects', { run: () => Promise.reject(new Error('boom')) }, ['unknown', 'crash']],
  [
    'throws before it returns a promise',
    {
      run: () => {
        throw new Error('boom');
      },
    },
    ['unknown', 'crash'],
  ],
  ['never ends, if a missing answer is a fault', { run: never, timeoutMs: 30, onTimeout: 'fail' }, ['fail', 'timeout']],
  ['never ends, if a missing answer proves nothing', { run: never, timeoutMs: 30 }, ['unknown', 'timeout']],
  [
    'emits a fact it did not declare',
    { run: async () => ({ ...ok, facts: { 'proc.up.pid': 1 } }) },
    ['unknown', 'crash'],
  ],
  [
    'reads a check it did not name',
    { run: async (ctx) => ({ ...ok, summary: ctx.dep('z').summary }) },
    ['unknown', 'crash'],
  ],
];

test.each(badChecks)('isolates a check that %s', async (_, change, expected) => {
  const [first, second] = (await run([check('a', change), check('b')])).checks;
  expect([first?.status, first?.reason, second?.status]).toEqual([...expected, 'ok']);
});

test('aborts the signal of a check at its time limit, so that it closes its sockets', async () => {
  let isAborted = false;
  const listening = check('a', {
    timeoutMs: 30,
    run: ({ signal }) => {
      signal.addEventListener('abort', () => {
        isAborted = true;
      });
      return never();
    },
  });
  await run([listening]);
  expect(isAborted).toBe(true);
});

test('reports unfinished checks as unknown at the end of the budget', async () => {
  const result = await run(
    [check('a', { run: never, timeoutMs: PATIENCE_MS }), check('b', { needs: ['a'] }), check('c')],
    { budgetMs: 100 },
  );
  expect(result.exhausted).toBe(true);
  expect(result.checks.map(({ id, status, reason }) => [id, status, reason])).toEqual([
    ['a', 'unknown', 'budget'],
    ['b', 'skip', 'prerequisite'],
    ['c', 'ok', undefined],
  ]);
});

test('scales the limits of checks and their calls with a larger budget', async () => {
  const limits: number[] = [];
  const real = createRealPorts({ dir: '/nonexistent' });
  const note = async ({ timeoutMs }: { timeoutMs: number }) => {
    limits.push(timeoutMs);
    throw new Error('no call is made');
  };
  const ports = {
    ...real,
    http: { ...real.http, request: note },
    local: { ...real.local, request: note },
    net: {
      ...real.net,
      connect: (_: unknown, given: { timeoutMs: number }) => note(given),
      handshake: (_: unknown, given: { timeoutMs: number }) => note(given),
    },
  };
  const calling = check('a', {
    timeoutMs: 30,
    run: async ({ http, local, net, signal }) => {
      const [request, target] = [
        { url: 'http://127.0.0.1:9', timeoutMs: 200 },
        { host: '127.0.0.1', port: 9 },
      ];
      const calls = [
        http.request(request),
        local.request(request),
        net.connect(target, { timeoutMs: 200, signal }),
        net.handshake(target, { timeoutMs: 200, signal }),
      ];
      await Promise.allSettled(calls);
      return never();
    },
  });
  const summaries = [];
  for (const budgetMs of [5_000, 10_000, 40_000]) {
    const { checks } = await run([calling], { budgetMs, ports });
    summaries.push(checks[0]?.summary);
  }
  expect(summaries).toEqual(['no answer in 30 ms', 'no answer in 30 ms', 'no answer in 120 ms']);
  expect(limits).toEqual([...Array(8).fill(200), ...Array(4).fill(800)]);
});

test('keeps the order of the list, regardless of the order in which checks end', async () => {
  const slow = (ms: number) => ({ run: () => sleep(ms).then(() => ok) });
  const { checks } = await run([check('slow', slow(60)), check('fast', slow(0)), check('middle', slow(30))]);
  expect(checks.map(({ id }) => id)).toEqual(['slow', 'fast', 'middle']);
});

test('runs checks without prerequisites at the same time', async () => {
  let running = 0;
  let finishAll: (outcome: CheckOutcome) => void = () => undefined;
  const together = new Promise<CheckOutcome>((resolve) => {
    finishAll = resolve;
  });
  // All checks end when the third one has begun.
  const waits = {
    run: () => {
      running += 1;
      if (running === 3) finishAll(ok);
      return together;
    },
  };
  const { checks } = await run([check('a', waits), check('b', waits), check('c', waits)]);
  expect(checks.map(({ status }) => status)).toEqual(['ok', 'ok', 'ok']);
});

test('runs only the selected checks and their prerequisites, and lists the others', async () => {
  const chain = [check('a'), check('b', { needs: ['a'] }), check('c'), check('d', { needs: ['b'], after: ['c'] })];
  expect(await essence(chain, { only: ['d'] })).toEqual([
    ['a', 'ok', undefined, undefined],
    ['b', 'ok', undefined, undefined],
    ['c', 'skip', 'not_selected', undefined],
    ['d', 'ok', undefined, undefined],
  ]);
});

test.each([
  [
    'a check that waits for a later one',
    [check('a', { needs: ['b'] }), check('b')],
    'a waits for b, which is not listed before it',
  ],
  ['two checks with the same id', [check('a'), check('a')], 'two checks are called a'],
])('rejects %s', async (_, checks, message) => {
  await expect(run(checks)).rejects.toThrow(message);
});

test('counts the calls to servers of platforms', async () => {
  const calling = check('a', {
    run: async (ctx) => {
      ctx.countCall('feishu');
      ctx.countCall('feishu');
      return ok;
    },
  });
  expect((await run([calling])).externalCalls).toEqual({ feishu: 2 });
});
