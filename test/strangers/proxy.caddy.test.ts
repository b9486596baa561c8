// Attacks the real Caddy with the bundle's Caddyfile; proxy and bot have the memory of their containers.
import { expect, test } from '@jest/globals';
import { composeFile, mebibytes } from '../compose/compose-file.ts';
import { PATIENCE_MS } from '../support/patience.ts';
import { type AttackOptions, runAttack, titleOf } from './run-attack.ts';

/** On a busy machine a handshake may take longer than the proxy's 3 s, so callbacks are redelivered. */
const short = { seconds: 2, proxied: true, patienceMs: PATIENCE_MS, repeats: true };
const table: AttackOptions[] = [
  { ...short, attack: 'unfinished', args: [300, { signed: true }] },
  { ...short, attack: 'idle', args: [500], patient: true },
];

test.each(table.map((options) => [titleOf(options), options] as const))(
  'bot and proxy survive %s, and answer genuine callbacks',
  async (_title, options) => {
    const { genuine, bot, proxy } = await runAttack(options);
    expect([bot.endedBy, proxy?.endedBy]).toEqual([undefined, undefined]);
    expect(proxy?.mostUsedMiB).toBeLessThan(proxy?.limitMiB ?? 0);
    expect(genuine.answered).toBe(genuine.sent);
  },
);

test('limits the connections of the proxy to at least 3,500, and to its memory with TLS', () => {
  const { ulimits, mem_limit = '0m' } = composeFile.services.proxy ?? {};
  const connections = ulimits?.nofile ?? Number.POSITIVE_INFINITY;
  /** MiB of anonymous memory of an idle connection and of the program, measured with Caddy 2.6 by `make strangers`. */
  const [perConnection, program] = [31 / 1024, 20];
  expect(connections).toBeGreaterThan(3_500);
  expect(program + connections * perConnection).toBeLessThan(mebibytes(mem_limit));
});
