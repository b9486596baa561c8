// Tests the port check on a machine that answers late.
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { loadSettings } from '../../../../bot/config/load-settings.ts';
import { cfgSchema } from '../../../../ops/diagnose/checks/cfg.ts';
import { procPort, procUp } from '../../../../ops/diagnose/checks/proc.ts';
import { runChecks } from '../../../../ops/diagnose/engine/run-checks.ts';
import type { Ports } from '../../../../ops/diagnose/ports/ports.ts';
import { createRealPorts } from '../../../../ops/diagnose/ports/real-ports.ts';
import { freePort } from '../../../support/free-port.ts';

const server = createServer();
let [held, free] = [0, 0];

beforeAll(async () => {
  [held, free] = [await freePort(), await freePort()];
  await new Promise<void>((resolve) => server.listen(held, '127.0.0.1', resolve));
});
afterAll(() => void server.close());

/** Returns the outcome for PORT while the bot answers. Each connection takes `delayMs` of the allowed `timeoutMs`. */
async function portCheck(port: number, delayMs: number) {
  const cfg = loadSettings({ env: { PORT: `${port}`, ADMIN_PORT: '0' }, dir: '/nonexistent' });
  const real = createRealPorts({ dir: '/nonexistent' });
  const connect: Ports['net']['connect'] = async (endpoint, limits) => {
    await sleep(Math.min(delayMs, limits.timeoutMs));
    if (delayMs >= limits.timeoutMs) throw Object.assign(new Error('no answer'), { code: 'ETIMEDOUT' });
    return real.net.connect(endpoint, limits);
  };
  const up = { ...procUp, run: async () => ({ status: 'ok', summary: 'up' }) as const, applies: () => true as const };
  const { checks } = await runChecks({
    checks: [cfgSchema({ settings: cfg, problems: [], unreadable: [], secrets: [] }), up, procPort],
    cfg,
    ports: { ...real, net: { ...real.net, connect } },
    window: { from: new Date(), to: new Date() },
    budgetMs: 30_000,
  });
  real.http.close();
  const { status, code, reason } = checks.find(({ id }) => id === 'proc.port') ?? {};
  return [status, code ?? reason];
}

test('counts a port that answers late as a port of the bot', async () => {
  expect(await portCheck(held, 1_000)).toEqual(['ok', undefined]);
});

test('reports unknown, not free, for a port that does not answer in time', async () => {
  expect(await portCheck(held, 100_000)).toEqual(['unknown', 'TIMEOUT']);
});

test('reports a closed port if the connection is refused', async () => {
  expect(await portCheck(free, 0)).toEqual(['fail', 'CLOSED']);
});
