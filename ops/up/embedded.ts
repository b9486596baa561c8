// Starts the embedded profile in the background: the bot, and the lab if no platform has credentials.

import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { loadSettings } from '../../bot/config/load-settings.ts';
import { type Settings, settingNames } from '../../bot/config/settings.ts';
import { formatLine } from '../installation/format-line.ts';
import { EMBEDDED_SERVICES, saveProfile } from '../installation/profile-file.ts';
import { CommandError } from '../process/command-error.ts';
import { findRunning, RUN_DIR } from '../process/run-file.ts';
import {
  lastLines,
  outputFile,
  type Service,
  type StartedService,
  startService,
  stopService,
  waitUntilReady,
} from '../process/service.ts';
import { showWaiting } from '../process/show-waiting.ts';
import { writePrivate } from '../process/write-private.ts';
import { embeddedServices } from './embedded-services.ts';
import { labEnvironment, needsLab } from './lab-mode.ts';
import { changedSince, stopOutdated } from './stop-outdated.ts';
import { describeAddresses } from './summary.ts';
import { rejectUsedPorts } from './taken-ports.ts';

export interface UpOptions {
  /** Working directory: settings, data and logs are below it. */
  dir: string;
  /** The project's own folder. */
  root: string;
  env: NodeJS.ProcessEnv;
  settings: Settings;
  /** Aborted if the user interrupts. */
  signal: AbortSignal;
  report: (text: string) => void;
}

const READY_TIMEOUT_MS = 30_000;

/**
 * Starts the services. Safe to repeat: services with the same settings and program are left alone, changed services are
 * restarted.
 * @throws CommandError if a port is in use or a service does not become ready
 */
export async function upEmbedded(options: UpOptions): Promise<void> {
  const { dir, env, report } = options;
  const withLab = needsLab(options.settings);
  const given = withLab
    ? await labEnvironment(dir, { labPort: options.settings.LAB_PORT, withModel: env.LAB_MODEL === '1' })
    : {};
  const botEnv = { ...env, ...given };
  const settings = loadSettings({ env: { ...botEnv, PROFILE: 'embedded' }, dir });
  const services = embeddedServices({ root: options.root, settings, env: botEnv, withLab });
  const running = EMBEDDED_SERVICES.flatMap((name) => findRunning(dir, name) ?? []);
  const toStart = services.filter((service) => {
    const run = running.find(({ name }) => name === service.name);
    return !run || changedSince(run, service).length > 0;
  });
  const wanted = toStart.flatMap(({ listens }) => listens);
  const ownPids = running.map(({ pid }) => pid);
  await rejectUsedPorts(wanted, ownPids);

  if (withLab) report('No platform credentials in the settings: the lab stands in for the platforms.');
  for (const warning of withLab ? [] : settings.warnings) report(`Note: ${warning}`);
  await stopOutdated(dir, services, report);
  saveProfile(dir, 'embedded');
  const beyondFiles = { ...settingsOf(env), ...given };
  writePrivate(join(dir, RUN_DIR, 'environment.json'), `${JSON.stringify(beyondFiles, null, 2)}\n`);
  await startAll(options, services, toStart);
  report(await describeAddresses({ settings, withLab }));
}

async function startAll(options: UpOptions, services: Service[], toStart: Service[]): Promise<void> {
  const { dir, signal, report } = options;
  const started: StartedService[] = [];
  const startedAt = Date.now();
  const waiting = showWaiting('Waiting until everything is ready');
  try {
    for (const service of toStart) started.push(await startService(dir, service));
    for (const { name } of services) {
      const run = findRunning(dir, name);
      if (!run) throw new CommandError(`The ${name} ended while it was starting.`);
      await waitUntilReady(run, { timeoutMs: READY_TIMEOUT_MS, signal });
    }
  } catch (error) {
    waiting.stop();
    await undo(options, started);
    throw error;
  }
  waiting.stop();
  if (started.length === 0) return;
  const names = started.map(({ run }) => `the ${run.name} (pid ${run.pid})`).join(' and ');
  report(`Started ${names}; ready after ${((Date.now() - startedAt) / 1000).toFixed(1)} s.`);
}

/** Prints the last output of the started services, and stops them. */
async function undo({ dir, report }: UpOptions, started: StartedService[]): Promise<void> {
  for (const { run, outOffset } of started.reverse()) {
    const path = outputFile(dir, run.name);
    const lines = lastLines(path, 15, outOffset).map((line) => `  ${formatLine(line, { colour: false })}`);
    if (lines.length > 0) report(`Last lines of the ${run.name} (data/log/${run.name}.out):\n${lines.join('\n')}`);
    await stopService(dir, run);
  }
  const left = EMBEDDED_SERVICES.some((name) => findRunning(dir, name));
  if (!left) rmSync(join(dir, RUN_DIR, 'environment.json'), { force: true });
  report('The started processes have been stopped again.');
}

/** Returns the settings from the environment of this command. Only the bot receives them. */
function settingsOf(env: NodeJS.ProcessEnv): Record<string, string> {
  const names = settingNames().flatMap((name) => [name, `${name}_FILE`]);
  return Object.fromEntries(names.flatMap((name) => (env[name] ? [[name, env[name]]] : [])));
}
