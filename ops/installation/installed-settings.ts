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
export function withPassedValues({ env, dir }: SettingsLocation): NodeJS.ProcessEnv {
  const given = readPassedValues(passedValuesPath(dir)) ?? {};
  // Empty means unset. If the shell sets `NAME_FILE`, it also replaces `NAME`, and vice versa.
  const isSet = (name: string) => env[name] || env[`${name}_FILE`] || env[name.replace(/_FILE$/, '')];
  const unset = Object.entries(given).filter(([name]) => !isSet(name));
  return { ...env, ...Object.fromEntries(unset) };
}

const passedValuesPath = (dir: string): string => join(dir, RUN_DIR, 'environment.json');

/** Returns undefined if this user may not read the file. The commands continue without it. */
function readPassedValues(path: string): Record<string, string> | undefined {
  try {
    return passedValues.safeParse(readJson(path)).data ?? {};
  } catch {
    return undefined;
  }
}

/** Reads the settings. Precedence: environment, `data/run/environment.json`, then the files as for the bot itself. */
export function readInstalledSettings({ env, dir }: SettingsLocation): InstalledSettings {
  const { raw, settings, problems } = readSettings({ env: withPassedValues({ env, dir }), dir });
  const entered = Object.entries(raw).flatMap(([name, entry]) => (isSecret(name) && entry ? [entry.value] : []));
  const passed = passedValuesPath(dir);
  return {
    settings,
    problems: problems.map(({ name, problem, fix }) => ({ name, problem, fix })),
    unreadable: [
      ...problems.flatMap((problem) => problem.unreadable ?? []),
      ...(readPassedValues(passed) === undefined ? [passed] : []),
    ],
    secrets: settings ? secretValues(settings) : entered,
  };
}

function isSecret(name: string): boolean {
  return isSettingName(name) && settingFacts(name).secret;
}
