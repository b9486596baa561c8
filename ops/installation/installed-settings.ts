// The settings the running bot uses: those of this shell, and what `ops up` handed to the bot beyond the files.
import { join } from 'node:path';
import { z } from 'zod';
import { readSettings } from '../../bot/config/load-settings.ts';
import { secretValues } from '../../bot/config/secret-values.ts';
import { type SettingName, type Settings, settingFacts, settingNames } from '../../bot/config/settings.ts';
import { RUN_DIR, readJson } from '../process/run-file.ts';

export interface InstalledSettings {
  settings: Settings | undefined;
  problems: { name: string; problem: string; fix: string }[];
  /** For redaction; filled as far as possible even when the settings cannot be used. */
  secrets: string[];
}

const handedOver = z.record(z.string(), z.string());

interface Where {
  env: NodeJS.ProcessEnv;
  dir: string;
}

/** The environment together with what `ops up` handed to the bot; the environment is stronger. */
export function withComposeValues({ env, dir }: Where): NodeJS.ProcessEnv {
  const given = readHandedOver(join(dir, RUN_DIR, 'environment.json'));
  // Empty means unset here as everywhere, and a file named by the shell is the shell's word too.
  const isSet = (name: string) => env[name] || env[`${name}_FILE`] || env[name.replace(/_FILE$/, '')];
  const unset = Object.entries(given).filter(([name]) => !isSet(name));
  return { ...env, ...Object.fromEntries(unset) };
}

/** Nothing when the file is another user's: the doctor goes on without it. */
function readHandedOver(path: string): Record<string, string> {
  try {
    return handedOver.safeParse(readJson(path)).data ?? {};
  } catch {
    return {};
  }
}

/** Strongest first: environment, `data/run/environment.json`, then the files as for the bot itself. */
export function readInstalledSettings({ env, dir }: Where): InstalledSettings {
  const { raw, settings, problems } = readSettings({ env: withComposeValues({ env, dir }), dir });
  const entered = Object.entries(raw).flatMap(([name, entry]) => (isSecret(name) && entry ? [entry.value] : []));
  return { settings, problems, secrets: settings ? secretValues(settings) : entered };
}

function isSecret(name: string): boolean {
  const known = settingNames().find((setting): setting is SettingName => setting === name);
  return known !== undefined && settingFacts(known).secret;
}
