// The engine: order, skips, limits, crashes, and that nothing is ever missing from the answer.
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

test('a skip names the root of it, not its neighbour', async () => {
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

test('a check behind one that does not apply does not apply either', async () => {
  const chain = [
    check('a', { applies: () => ({ reason: 'not_configured', why: 'no platform' }) }),
    check('b', { needs: ['a'] }),
  ];
  expect(await essence(chain)).toEqual([
    ['a', 'skip', 'not_configured', undefined],
    ['b', 'skip', 'not_configured', 'a'],
  ]);
});

test('a warning lets the checks behind it run', async () => {
  const chain = [check('a', { run: async () => ({ status: 'warn', summary: 'hm' }) }), check('b', { needs: ['a'] })];
  expect((await essence(chain)).map(([, status]) => status)).toEqual(['warn', 'ok']);
});

const misbehaving: [string, Partial<Check>, unknown[]][] = [
  ['throws', { run: () => Promise.reject(new Error('boom')) }, ['unknown', 'crash']],
  [
    'throws before it returns a promise',
    {
      run: () => {
        throw new Error('boom');
      },
    },
    ['unknown', 'crash'],
  ],
  ['never ends, where silence is a fault', { run: never, timeoutMs: 30, onTimeout: 'fail' }, ['fail', 'timeout']],
  ['never ends, where silence says nothing', { run: never, timeoutMs: 30 }, ['unknown', 'timeout']],
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

test.each(misbehaving)('a check that %s', async (_, change, expected) => {
  const [first, second] = (await run([check('a', change), check('b')])).checks;
  expect([first?.status, first?.reason, second?.status]).toEqual([...expected, 'ok']);
});

test('a check that is cut off is told, so that it can close its sockets', async () => {
  let told = false;
  const listening = check('a', {
    timeoutMs: 30,
    run: ({ signal }) => {
      signal.addEventListener('abort', () => {
        told = true;
      });
      return never();
    },
  });
  await run([listening]);
  expect(told).toBe(true);
});

test('at the end of the budget what is not finished is unknown, and the report comes', async () => {
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

test('a larger budget gives each check, and each call of it, more time in proportion', async () => {
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

test('the order of the answer is that of the list, whoever ends first', async () => {
  const slow = (ms: number) => ({ run: () => sleep(ms).then(() => ok) });
  const { checks } = await run([check('slow', slow(60)), check('fast', slow(0)), check('middle', slow(30))]);
  expect(checks.map(({ id }) => id)).toEqual(['slow', 'fast', 'middle']);
});

test('roots run at the same time', async () => {
  let running = 0;
  let meet: (outcome: CheckOutcome) => void = () => undefined;
  const together = new Promise<CheckOutcome>((resolve) => {
    meet = resolve;
  });
  // Each check ends when all three have begun.
  const waits = {
    run: () => {
      running += 1;
      if (running === 3) meet(ok);
      return together;
    },
  };
  const { checks } = await run([check('a', waits), check('b', waits), check('c', waits)]);
  expect(checks.map(({ status }) => status)).toEqual(['ok', 'ok', 'ok']);
});

test('only what is asked for and what it needs runs, and the rest is still listed', async () => {
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
    'waits for a later one',
    [check('a', { needs: ['b'] }), check('b')],
    'a waits for b, which does not stand before it',
  ],
  ['has a name that is taken', [check('a'), check('a')], 'two checks are called a'],
])('a check that %s is refused', async (_, checks, message) => {
  await expect(run(checks)).rejects.toThrow(message);
});

test('calls to other servers are counted', async () => {
  const calling = check('a', {
    run: async (ctx) => {
      ctx.countCall('feishu');
      ctx.countCall('feishu');
      return ok;
    },
  });
  expect((await run([calling])).externalCalls).toEqual({ feishu: 2 });
});
