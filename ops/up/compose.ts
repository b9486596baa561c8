// Starts the compose profiles and reports the result.

import { join } from 'node:path';
import type { RawSettings } from '../../bot/config/read-sources.ts';
import type { Profile, Settings } from '../../bot/config/settings.ts';
import { composeEnvironment, listedAppWarnings } from '../installation/compose-environment.ts';
import { fillSecrets } from '../installation/compose-secrets.ts';
import { readContainers } from '../installation/containers.ts';
import { formatLine } from '../installation/format-line.ts';
import { deleteProfile, saveProfile } from '../installation/profile-file.ts';
import { columns } from '../process/columns.ts';
import { CommandError } from '../process/command-error.ts';
import { runCommand, streamCommand } from '../process/run-command.ts';
import { COMPOSE_STATUS_URL } from '../status/bot-report.ts';
import { explainComposeFailure } from './compose-failure.ts';
import { rewriteForCompose } from './compose-lines.ts';
import { needsLab } from './lab-mode.ts';
import { inputRows, nextCommands } from './summary.ts';

export interface ComposeOptions {
  dir: string;
  env: NodeJS.ProcessEnv;
  profile: Exclude<Profile, 'embedded'>;
  settings: Settings;
  /** Settings with the sources they were read from. */
  raw: RawSettings;
  report: (text: string) => void;
}

/**
 * Starts the containers. Safe to repeat: compose recreates changed containers and leaves the others alone.
 * @throws CommandError with the next step
 */
export async function upCompose({ dir, env, profile, settings, raw, report }: ComposeOptions): Promise<void> {
  const rewritten = rewriteForCompose(join(dir, '.env'));
  if (rewritten.length > 0) report(`Rewritten in .env, because Compose could not read it: ${rewritten.join(', ')}.`);
  // A secret that is set by `NAME_FILE` counts as given.
  const filled = fillSecrets(join(dir, '.env'), composeEnvironment(raw, env, []));
  const composeEnv = composeEnvironment(raw, env, filled);
  if (filled.length > 0) report(`Generated into .env (readable by you only): ${filled.join(', ')}.`);
  for (const warning of [...settings.warnings, ...listedAppWarnings(settings, raw)]) report(`Note: ${warning}`);
  saveProfile(dir, profile);
  report(
    `Starting the ${profile} profile with docker compose. The first time this downloads images, which can take minutes.`,
  );
  const scale = profile === 'lite' ? ['--scale', 'kibana=0'] : [];
  // --build: after a git pull, the containers run the checked-out program instead of the last build.
  const { code, lines } = await streamCommand('docker', ['compose', 'up', '-d', '--wait', '--build', ...scale], {
    cwd: dir,
    env: composeEnv,
    onLine: report,
  });
  if (code !== 0) throw await composeFailure(dir, composeEnv, lines);
  report(`\nEverything is up and healthy.\n\n${await composePlaces(settings)}\n\n${nextCommands()}`);
}

async function composeFailure(dir: string, env: NodeJS.ProcessEnv, output: string[]): Promise<CommandError> {
  const containers = await readContainers(dir, env).catch(() => undefined);
  // No container was created, so another profile may be tried at once.
  if (containers?.length === 0) deleteProfile(dir);
  const serviceOf = (container: string) => containers?.find(({ name }) => name === container)?.service ?? container;
  const { sentence, next, service } = explainComposeFailure(output, serviceOf);
  if (!service) return new CommandError(`${sentence}\n${next}`);
  const args = ['compose', 'logs', '--no-color', '--no-log-prefix', '--tail', '15', service];
  const { stdout } = await runCommand('docker', args, { cwd: dir, env, timeoutMs: 10_000 });
  const lines = stdout
    .trimEnd()
    .split('\n')
    .map((line) => `  ${formatLine(line, { colour: false })}`);
  return new CommandError([sentence, 'Its last lines:', ...lines, next].join('\n'));
}

async function composePlaces(settings: Settings): Promise<string> {
  const publicUrl = settings.PUBLIC_URL ?? `https://${settings.SITE_ADDRESS}`;
  const places = columns([
    ...(await inputRows(settings, { publicUrl, statusUrl: COMPOSE_STATUS_URL })),
    ['Dashboards', 'http://127.0.0.1:3000/  (user admin, GRAFANA_ADMIN_PASSWORD in .env)'],
    ['Logs', 'http://127.0.0.1:5601/  (user elastic, ELASTIC_PASSWORD in .env)'],
  ]);
  if (!needsLab(settings)) return places;
  return [places, '', '  To try the bot without credentials: make down, then PROFILE=embedded make up'].join('\n');
}
