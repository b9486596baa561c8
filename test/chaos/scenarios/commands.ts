// Runs every command of the command line in loops beside the bot, on the same SQLite file.
import { join } from 'node:path';
import { projectRoot } from '../../../ops/installation/project-root.ts';
import { PATIENCE_MS } from '../../support/patience.ts';
import { runMarked } from '../../support/spawn-marked.ts';
import type { DisturbanceContext, Scenario } from '../scenario.ts';

const MAIN = join(projectRoot(), 'dist/ops/main.js');

/** Commands with arguments that change no message of the load. */
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
  'data delete --user feishu:other --yes',
  'tenants set side --isolation shared',
  'inbox show 1',
  'outbox drop --all --state dead',
  'tenants remove side --force --yes',
  'status',
  'inbox drop --all',
  'diagnose --json',
  'data delete --tenant default',
];

/** Exit codes of commands that did not fail. 1: a fault of the installation, or nothing to change. 3: undetermined. */
const EXPECTED = [0, 1, 3];

async function disturb({ bot, dir, times, durationMs, startRecovery, log }: DisturbanceContext): Promise<void> {
  const end = Date.now() + durationMs;
  const env = { PATH: process.env.PATH, ADMIN_PORT: new URL(bot.adminUrl).port };
  const failures: string[] = [];
  let runs = 0;
  const loop = async (first: number) => {
    startRecovery();
    for (let n = first; Date.now() < end; n++) {
      const command = COMMANDS[n % COMMANDS.length] ?? '';
      const { code, stdout, stderr } = await runMarked(process.execPath, [MAIN, ...command.split(' ')], {
        cwd: dir,
        env,
      });
      if (!EXPECTED.includes(code ?? -1))
        failures.push(`${command} ended with ${code}: ${(stderr || stdout).slice(-500)}`);
      runs += 1;
      if (runs % 100 === 0) log(`${runs} commands`);
    }
  };
  await Promise.all(Array.from({ length: times }, (_, n) => loop(n * Math.floor(COMMANDS.length / times))));
  log(`${runs} commands, ${failures.length} failed`);
  if (failures.length > 0) throw new Error(failures.slice(0, 5).join('\n'));
}

export const commands: Scenario = {
  name: 'commands',
  title: 'every command of the command line runs beside the bot, in loops',
  databases: ['sqlite'],
  full: { messages: 12_000, perSecond: 10, times: 2, compress: 120, settleMs: 120_000 },
  short: { messages: 200, perSecond: 10, times: 2, compress: 120, settleMs: PATIENCE_MS },
  disturb,
  rejectsCallbacks: false,
  apologises: false,
};
