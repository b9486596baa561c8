// Strangers at the real Caddy with the bundle's Caddyfile, both it and the bot in the memory of their containers.
import { expect, test } from '@jest/globals';
import { composeFile, mebibytes } from '../compose/compose-file.ts';
import { PATIENCE_MS } from '../support/patience.ts';
import { type AttackOptions, runAttack, titleOf } from './run-attack.ts';

/** On a busy machine a handshake may take longer than the proxy's 3 s: the platforms send again. */
const short = { seconds: 2, proxied: true, patienceMs: PATIENCE_MS, repeats: true };
const table: AttackOptions[] = [
  { ...short, attack: 'unfinished', args: [300, { signed: true }] },
  { ...short, attack: 'idle', args: [500], patient: true },
];

test.each(table.map((options) => [titleOf(options), options] as const))(
  '%s: both survive, and take what is genuine',
  async (_title, options) => {
    const { genuine, bot, proxy } = await runAttack(options);
    expect([bot.endedBy, proxy?.endedBy]).toEqual([undefined, undefined]);
    expect(proxy?.mostUsedMiB).toBeLessThan(proxy?.limitMiB ?? 0);
    expect(genuine.answered).toBe(genuine.sent);
  },
);

test('the proxy may have 3,500 connections, and no more than its memory holds with TLS', () => {
  const { ulimits, mem_limit = '0m' } = composeFile.services.proxy ?? {};
  const connections = ulimits?.nofile ?? Number.POSITIVE_INFINITY;
  /** Measured with Caddy 2.6 by `make strangers`: anonymous memory of an idle connection, and of the program. */
  const [perConnection, program] = [31 / 1024, 20];
  expect(connections).toBeGreaterThan(3_500);
  expect(program + connections * perConnection).toBeLessThan(mebibytes(mem_limit));
});
