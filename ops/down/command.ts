// `ops down`: stops the processes or containers that `up` started.

import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Command } from '../command.ts';
import { readOnlyComposeEnv } from '../installation/compose-secrets.ts';
import { deleteProfile, runningProfile } from '../installation/profile-file.ts';
import { CommandError } from '../process/command-error.ts';
import { withLock } from '../process/lock.ts';
import { streamCommand } from '../process/run-command.ts';
import { print } from '../process/terminal.ts';
import { downEmbedded } from './embedded.ts';

export const command: Command = {
  name: 'down',
  summary: 'stop everything that up started; data is kept',
  usage: () => `Usage: ./chatbot down

Stops what up started and waits until it has ended: the bot first finishes the work it has begun.
Data is kept: the folder data/ of the embedded profile, the volumes of the compose profiles. Safe to repeat.`,
  run,
};

async function run(argv: string[]): Promise<number> {
  parseArgs({ args: argv, options: {} });
  const dir = process.cwd();
  await withLock(dir, async () => {
    const profile = runningProfile(dir);
    if (profile === 'lite' || profile === 'full') await downCompose(dir);
    else await downEmbedded(dir, print);
    deleteProfile(dir);
  });
  return 0;
}

async function downCompose(dir: string): Promise<void> {
  const env = readOnlyComposeEnv(join(dir, '.env'), process.env);
  const { code, lines } = await streamCommand('docker', ['compose', 'down'], { cwd: dir, env, onLine: print });
  if (code === 'ENOENT') throw new CommandError('There is no docker command. Put it on the PATH, then: make down');
  if (code !== 0) {
    throw new CommandError(
      `docker compose down failed: ${lines.at(-1)?.trim()}\nSee that Docker runs (docker info), then: make down`,
    );
  }
  print('Stopped all containers. Data is kept in the volumes of the project (docker volume ls).');
}
