// Describes the background processes of the embedded profile, from the settings.

import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Settings, settingFacts, settingNames } from '../../bot/config/settings.ts';
import { CommandError } from '../process/command-error.ts';
import type { Listen } from '../process/port-owner.ts';
import type { Service } from '../process/service.ts';
import { LAB_CREDENTIALS } from './lab-mode.ts';

/** Milliseconds between SIGTERM and SIGKILL, and the margin added to the bot's own shutdown timeout. */
const GRACE_MS = 15_000;
const GRACE_MARGIN_MS = 5000;

interface ServiceInput {
  /** The project's own folder, with the built program. */
  root: string;
  settings: Settings;
  env: NodeJS.ProcessEnv;
  withLab: boolean;
}

/** Returns the services in the order of their start. */
export function embeddedServices(input: ServiceInput): Service[] {
  return input.withLab ? [labService(input), botService(input)] : [botService(input)];
}

/** Returns a host name or address that a client of this machine can call, ready for a URL. */
export function callableHost(host: string): string {
  if (host === '0.0.0.0' || host === '::' || host === '') return '127.0.0.1';
  return host.includes(':') ? `[${host}]` : host;
}

function botService({ root, settings, env }: ServiceInput): Service {
  const { HOST, PORT, ADMIN_HOST, ADMIN_PORT } = settings;
  const listens = [
    { host: HOST, port: PORT, setting: 'PORT' },
    { host: ADMIN_HOST, port: ADMIN_PORT, setting: 'ADMIN_PORT' },
  ];
  const free = listens.find(({ port }) => port === 0);
  if (free)
    throw new CommandError(
      `${free.setting} is 0, but a bot in the background needs a fixed port. Set ${free.setting}.`,
    );
  return {
    name: 'bot',
    argv: [join(root, 'dist/bot/main.js')],
    env: { ...env, PROFILE: 'embedded' },
    listens,
    readyUrl: `http://${callableHost(ADMIN_HOST)}:${ADMIN_PORT}/readyz`,
    fingerprints: { ...fingerprintAll(botValues(settings)), 'the program': programFingerprint(root) },
    logsItself: true,
    graceMs: Math.max(GRACE_MS, settings.SHUTDOWN_TIMEOUT_MS + GRACE_MARGIN_MS),
  };
}

function labService({ root, settings, env }: ServiceInput): Service {
  const { LAB_PORT, HOST, PORT, ADMIN_HOST, ADMIN_PORT } = settings;
  const bot = ['--bot-url', `http://${callableHost(HOST)}:${PORT}`];
  const status = ['--bot-status-url', `http://${callableHost(ADMIN_HOST)}:${ADMIN_PORT}/status`];
  const args = ['lab', '--port', String(LAB_PORT), ...bot, ...status, '--credentials', LAB_CREDENTIALS];
  const listens: Listen[] = [0, 1, 2, 3].map((offset) => ({
    host: '127.0.0.1',
    port: LAB_PORT + offset,
    setting: 'LAB_PORT',
  }));
  return {
    name: 'lab',
    argv: [join(root, 'dist/ops/main.js'), ...args],
    env,
    listens,
    readyUrl: `http://127.0.0.1:${LAB_PORT}/healthz`,
    fingerprints: {
      ...fingerprintAll({ LAB_PORT, HOST, PORT, ADMIN_HOST, ADMIN_PORT }),
      'the program': programFingerprint(root),
    },
    graceMs: GRACE_MS,
  };
}

/** Returns the settings that the bot uses, without those that only the compose file uses. */
function botValues(settings: Settings): object {
  const ignored = ['warnings', 'profile', ...settingNames().filter((name) => settingFacts(name).composeOnly)];
  return Object.fromEntries(Object.entries(settings).filter(([name]) => !ignored.includes(name)));
}

function fingerprintAll(values: object): Record<string, string> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, fingerprint(JSON.stringify(value))]));
}

/** Returns a fingerprint of the compiled program. The compiler's state file holds a hash of every source file. */
function programFingerprint(root: string): string {
  const state = join(root, 'dist/.tsbuildinfo');
  return fingerprint(existsSync(state) ? readFileSync(state, 'utf8') : '');
}

function fingerprint(text = ''): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 12);
}
