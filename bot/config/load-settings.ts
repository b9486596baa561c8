// Loads the settings from all sources, strongest first, and reports all their problems at once.

import type { PlatformDescriptor } from '../platforms/platform-descriptor.ts';
import { descriptors, type PlatformApps, type PlatformSettings } from '../platforms/registry.ts';
import type { AppFields } from '../platforms/shared/app-candidate.ts';
import { checkValues, type GivenValue } from './check-values.ts';
import { type Problem, SettingsError } from './problems.ts';
import { readApps, settingOf } from './read-apps.ts';
import { readConfigYaml } from './read-config-yaml.ts';
import { type RawSettings, readDotenv, readEnvironment, readProperties } from './read-sources.ts';
import { checkRules, findWeaknesses } from './rules.ts';
import { type Settings, settingFacts, settingNames, settingsSchema } from './settings.ts';

export { type Problem, SettingsError } from './problems.ts';

export interface LoadOptions {
  env?: NodeJS.ProcessEnv;
  /** Folder of `.env`, `config.yaml` and `application.properties`. */
  dir?: string;
}

export interface ReadSettings {
  /** Values that a source sets, each with its source. Contains no defaults of the schema. */
  raw: RawSettings;
  /** `undefined` if there are problems. */
  settings: Settings | undefined;
  problems: Problem[];
}

function withComposeDefaults(raw: RawSettings): RawSettings {
  const profile = raw.PROFILE?.value;
  if (profile !== 'lite' && profile !== 'full') return raw;
  const defaults: RawSettings = {};
  for (const name of settingNames()) {
    const value = settingFacts(name).composeDefault;
    if (value !== undefined) defaults[name] = { value, source: `default of ${profile}` };
  }
  return { ...defaults, ...raw };
}

function givenValues(raw: RawSettings): GivenValue[] {
  return settingNames().flatMap((setting) => {
    const { value, source, label = setting } = raw[setting] ?? { value: '', source: '' };
    return value === '' ? [] : [{ setting, value, source, label }];
  });
}

function listedValues({ id, apps }: PlatformDescriptor, list: readonly AppFields[]): GivenValue[] {
  return list.flatMap((app, index) =>
    Object.entries(app).flatMap(([field, value]) => {
      const setting = settingOf(apps.fields, field);
      return setting ? [{ setting, value, source: 'config.yaml', label: `${id}[${index}].${field}` }] : [];
    }),
  );
}

/** Reads and validates the settings. Returns problems instead of throwing, for commands that show settings. */
export function readSettings({ env = process.env, dir = process.cwd() }: LoadOptions = {}): ReadSettings {
  const yaml = readConfigYaml(dir);
  const readings = [readEnvironment(env, dir), readDotenv(dir), yaml, readProperties(dir)];
  // The weakest source comes first, so that stronger sources overwrite its values.
  const raw = withComposeDefaults(Object.assign({}, ...readings.map(({ values }) => values).reverse()));
  const values = Object.fromEntries(Object.entries(raw).map(([name, { value }]) => [name, value]));
  const parsed = settingsSchema.safeParse(values);
  const platforms = descriptors().map((platform) => {
    const listed = yaml.apps.get(platform.id) ?? [];
    return { platform, listed, read: readApps(platform, raw, listed) };
  });
  const readProblems = readings.flatMap((reading) => reading.problems);
  const invalid = [
    ...checkValues([
      ...givenValues(raw),
      ...platforms.flatMap(({ platform, listed }) => listedValues(platform, listed)),
    ]),
    ...platforms.flatMap(({ read }) => read.problems),
    ...checkRules(raw),
  ];
  // If a value could not be read, do not report it as missing too.
  const problems = [...readProblems, ...invalid.filter(({ name }) => !readProblems.some((read) => read.name === name))];
  if (!parsed.success || problems.length > 0) return { raw, settings: undefined, problems };
  const apps = Object.fromEntries(
    platforms.map(({ platform, read }) => [platform.id, read.apps]),
  ) as unknown as PlatformApps; // each by its own descriptor
  parsed.data satisfies PlatformSettings;
  const settings = { ...parsed.data, profile: parsed.data.PROFILE, apps };
  return { raw, settings: { ...settings, warnings: findWeaknesses(settings) }, problems };
}

/**
 * Returns the settings of this process.
 * @throws SettingsError with all problems and their fixes
 */
export function loadSettings(options: LoadOptions = {}): Settings {
  const { settings, problems } = readSettings(options);
  if (settings === undefined) throw new SettingsError(problems);
  return settings;
}
