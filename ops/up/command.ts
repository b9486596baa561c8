// `ops up`: chooses the profile, starts it, and prints the addresses.

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
  summary: 'start everything in the background, and print the addresses',
  usage: () => `Usage: ./chatbot up

Starts the profile that fits the machine, waits until it is ready, and prints the addresses. Safe to repeat:
running services are left alone; services with changed settings or a changed program are restarted.

  PROFILE=embedded   the bot as one background process, no Docker; with no platform credentials
                     the lab stands in for the platforms (LAB_MODEL=1: for the model too)
  PROFILE=lite       the compose file without Kibana
  PROFILE=full       the whole compose file
  PROFILE unset      full where Docker Engine has 3500 MiB of memory, lite where it has less, else embedded

Stop with: ./chatbot down`,
  run,
};

async function run(argv: string[]): Promise<number> {
  parseArgs({ args: argv, options: {} });
  const { env } = process;
  const dir = process.cwd();
  keepPrivate(
    ['.env', 'config.yaml'].map((name) => join(dir, name)),
    report,
  );
  const settings = loadSettings({ env, dir });
  keepPrivate(databaseFiles(settings.DATABASE_URL), report);
  // `settings.profile` has a default. Only a value that the user set may overrule the machine's facts.
  const { raw } = readSettings({ env, dir });
  const configured = raw.PROFILE?.value;
  const requested = PROFILES.find((profile) => profile === configured);
  const interrupt = new AbortController();
  // The handlers stay for the whole run, so that a second interrupt does not end the clean-up.
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.on(name, () => interrupt.abort());

  await withLock(dir, async () => {
    const running = runningProfile(dir);
    const embedded = (requested ?? running) === 'embedded';
    const docker = embedded ? ({ state: 'no-client' } as const) : await readDockerFacts(env);
    const { profile, reasons } = chooseProfile({ requested, running, docker });
    for (const sentence of reasons) report(sentence);
    if (profile !== 'embedded') return upCompose({ dir, env, profile, settings, raw, report });
    return upEmbedded({ dir, root: projectRoot(), env, settings, signal: interrupt.signal, report });
  });
  return 0;
}

/** Returns the files of an SQLite database: https://www.sqlite.org/tempfiles.html (read 2026-11). */
function databaseFiles(url: string): string[] {
  const file = sqliteFileOf(url);
  return file === undefined ? [] : ['', '-wal', '-shm'].map((end) => `${file}${end}`);
}

function report(text: string): void {
  print(text);
}
