// Reads the settings of the running bot: those of this shell, and those that `ops up` passed to the bot.
import { join } from 'node:path';
import { z } from 'zod';
import { readSettings } from '../../bot/config/load-settings.ts';
import { secretValues } from '../../bot/config/secret-values.ts';
import { isSettingName, type Settings, settingFacts } from '../../bot/config/settings.ts';
import { RUN_DIR, readJson } from '../process/run-file.ts';

export interface InstalledSettings {
  settings: Settings | undefined;
  problems: { name: string; problem: string; fix: string }[];
  /** Files that this user may not read. Without them, settings may be missing or wrong. */
  unreadable: string[];
  /** Values to redact. Filled as far as possible, even if the settings are invalid. */
  secrets: string[];
}

const passedValues = z.record(z.string(), z.string());

interface SettingsLocation {
  env: NodeJS.ProcessEnv;
  dir: string;
}

/**
 * Returns the environment together with the values that `ops up` passed to the bot. The environment takes precedence.
 */
export function withPassedValues(location: SettingsLocation): NodeJS.ProcessEnv {
  return merged(location.env, readPassedValues(location.dir).values);
}

function merged(env: NodeJS.ProcessEnv, passed: Record<string, string>): NodeJS.ProcessEnv {
  // Empty means unset. If the shell sets `NAME_FILE`, it also replaces `NAME`, and vice versa.
  const isSet = (name: string) => env[name] || env[`${name}_FILE`] || env[name.replace(/_FILE$/, '')];
  const unset = Object.entries(passed).filter(([name]) => !isSet(name));
  return { ...env, ...Object.fromEntries(unset) };
}

/** Reads what `ops up` passed. `unreadable` contains the path if this user may not read the file. */
function readPassedValues(dir: string): { values: Record<string, string>; unreadable: string[] } {
  const path = join(dir, RUN_DIR, 'environment.json');
  try {
    return { values: passedValues.safeParse(readJson(path)).data ?? {}, unreadable: [] };
  } catch {
    return { values: {}, unreadable: [path] };
  }
}

/** Reads the settings. Precedence: environment, `data/run/environment.json`, then the files as for the bot itself. */
export function readInstalledSettings({ env, dir }: SettingsLocation): InstalledSettings {
  const passed = readPassedValues(dir);
  const { raw, settings, problems } = readSettings({ env: merged(env, passed.values), dir });
  const entered = Object.entries(raw).flatMap(([name, entry]) => (isSecret(name) && entry ? [entry.value] : []));
  return {
    settings,
    problems: problems.map(({ name, problem, fix }) => ({ name, problem, fix })),
    unreadable: [...problems.flatMap(({ unreadable }) => unreadable ?? []), ...passed.unreadable],
    secrets: settings ? secretValues(settings) : entered,
  };
}

function isSecret(name: string): boolean {
  return isSettingName(name) && settingFacts(name).secret;
}
