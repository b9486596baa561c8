// Every command of the command line runs beside the bot, in loops, on the same SQLite file.
import { join } from 'node:path';
import { projectRoot } from '../../../ops/installation/project-root.ts';
import { PATIENCE_MS } from '../../support/patience.ts';
import { runMarked } from '../../support/spawn-marked.ts';
import type { Scenario, Stage } from '../scenario.ts';

const MAIN = join(projectRoot(), 'dist/ops/main.js');

/** What people run, with words that change no message of the load. */
const COMMANDS = [
  'outbox list',
  'tenants set default --rate-limit 1000000',
  'inbox list --state done --limit 10',
  'outbox retry --all',
  'outbox show 1',
  'data export --user feishu:user1',
  'tenants add side --isolation dedicated --bind feishu:cli_side:key',
  'inbox retry --all',
  'tenants list',
  'data delete --user feishu:somebody --yes',
  'tenants set side --isolation shared',
  'inbox show 1',
  'outbox drop --all --state dead',
  'tenants remove side --force --yes',
  'status',
  'inbox drop --all',
  'diagnose --json',
  'data delete --tenant default',
];

/** 1: a fault of the installation or nothing to change, which is no failure of the command itself. */
const EXPECTED = [0, 1, 3];

async function disturb({ bot, dir, times, durationMs, mark, say }: Stage): Promise<void> {
  const end = Date.now() + durationMs;
  const env = { PATH: process.env.PATH, ADMIN_PORT: new URL(bot.adminUrl).port };
  const failures: string[] = [];
  let runs = 0;
  const loop = async (first: number) => {
    mark();
    for (let n = first; Date.now() < end; n++) {
      const command = COMMANDS[n % COMMANDS.length] ?? '';
      const { code, stdout, stderr } = await runMarked(process.execPath, [MAIN, ...command.split(' ')], {
        cwd: dir,
        env,
      });
      if (!EXPECTED.includes(code ?? -1))
        failures.push(`${command} ended with ${code}: ${(stderr || stdout).slice(-500)}`);
      runs += 1;
      if (runs % 100 === 0) say(`${runs} commands`);
    }
  };
  await Promise.all(Array.from({ length: times }, (_, n) => loop(n * Math.floor(COMMANDS.length / times))));
  say(`${runs} commands, ${failures.length} failed`);
  if (failures.length > 0) throw new Error(failures.slice(0, 5).join('\n'));
}

export const commands: Scenario = {
  name: 'commands',
  title: 'every command of the command line runs beside the bot, in loops',
  databases: ['sqlite'],
  full: { messages: 12_000, perSecond: 10, times: 2, compress: 120, settleMs: 120_000 },
  short: { messages: 200, perSecond: 10, times: 2, compress: 120, settleMs: PATIENCE_MS },
  disturb,
  refuses: false,
  apologises: false,
};
