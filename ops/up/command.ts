// `ops up`: picks the profile, starts it, and says where to look.

import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { sqliteFileOf } from '../../bot/config/database-url.ts';
import { loadSettings, readSettings } from '../../bot/config/load-settings.ts';
import { PROFILES } from '../../bot/config/settings.ts';
import type { Command } from '../command.ts';
import { runningProfile } from '../installation/profile-file.ts';
import { projectRoot } from '../installation/project-root.ts';
import { keepPrivate } from '../process/keep-private.ts';
import { withLock } from '../process/lock.ts';
import { print } from '../process/terminal.ts';
import { chooseProfile } from './choose-profile.ts';
import { upCompose } from './compose.ts';
import { readDockerFacts } from './docker-facts.ts';
import { upEmbedded } from './embedded.ts';

export const command: Command = {
  name: 'up',
  summary: 'start everything in the background, and say where to look',
  usage: `Usage: npm run -s ops -- up

Starts what the machine can carry, waits until it is ready, and prints where to look. Safe to repeat:
what runs is left alone; what changed since (settings, program) is restarted.

  PROFILE=embedded   the bot as one background process, no Docker; with no platform credentials
                     the lab stands in for Feishu and DingTalk (LAB_MODEL=1: for the model too)
  PROFILE=lite       the compose file without Kibana
  PROFILE=full       the whole compose file
  PROFILE unset      full where Docker Engine has 3500 MiB of memory, lite where it has less, else embedded

Stop with: npm run -s ops -- down`,
  run,
};

async function run(argv: string[]): Promise<number> {
  parseArgs({ args: argv, options: {} });
  const { env } = process;
  const dir = process.cwd();
  keepPrivate(
    ['.env', 'config.yaml'].map((name) => join(dir, name)),
    say,
  );
  const settings = loadSettings({ env, dir });
  keepPrivate(databaseFiles(settings.DATABASE_URL), say);
  // `settings.profile` has a default; only what was really asked for may overrule the machine.
  const { raw } = readSettings({ env, dir });
  const asked = raw.PROFILE?.value;
  const requested = PROFILES.find((profile) => profile === asked);
  const interrupt = new AbortController();
  // Kept for the whole run: npm passes an interrupt on a second time, which must not cut the clean-up short.
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.on(name, () => interrupt.abort());

  await withLock(dir, async () => {
    const running = runningProfile(dir);
    const embedded = (requested ?? running) === 'embedded';
    const docker = embedded ? ({ state: 'no-client' } as const) : await readDockerFacts(env);
    const { profile, because } = chooseProfile({ requested, running, docker });
    for (const sentence of because) say(sentence);
    if (profile !== 'embedded') return upCompose({ dir, env, profile, settings, raw, say });
    return upEmbedded({ dir, root: projectRoot(), env, settings, signal: interrupt.signal, say });
  });
  return 0;
}

/** Files of an SQLite database, as SQLite names them: https://www.sqlite.org/tempfiles.html */
function databaseFiles(url: string): string[] {
  const file = sqliteFileOf(url);
  return file === undefined ? [] : ['', '-wal', '-shm'].map((end) => `${file}${end}`);
}

function say(text: string): void {
  print(text);
}
