// Attacks the bot's own listener, within the memory of its container. `make strangers` runs the full forms.
import { expect, test } from '@jest/globals';
import { PATIENCE_MS } from '../support/patience.ts';
import { type AttackOptions, runAttack, titleOf } from './run-attack.ts';

const short = { seconds: 2, proxied: false, patienceMs: PATIENCE_MS, repeats: true };
const table: AttackOptions[] = [
  { ...short, attack: 'unfinished', args: [300, { signed: true }] },
  { ...short, attack: 'unfinishedChunks', args: [300, { signed: false }] },
  { ...short, attack: 'chunksOfOneByte', args: [50] },
  { ...short, attack: 'wholeBodies', args: [40, { signed: false }] },
];

test.each(table.map((options) => [titleOf(options), options] as const))(
  'the bot survives %s, and answers genuine callbacks',
  async (_title, options) => {
    const { genuine, bot, strangers } = await runAttack(options);
    expect(strangers.opened).toBeGreaterThan(0);
    expect(bot.endedBy).toBeUndefined();
    // Without a cgroup the kernel would not have killed it.
    expect(bot.mostUsedMiB).toBeLessThan(bot.limitMiB);
    expect(genuine.answered).toBe(genuine.sent);
  },
);
