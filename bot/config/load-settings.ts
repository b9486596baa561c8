// Loads the settings from all sources, strongest first, and refuses with every problem at once.
import { checkValues, type GivenValue } from './check-values.ts';
import { type Problem, SettingsError } from './problems.ts';
import { readDingtalkApps, readFeishuApps } from './read-apps.ts';
import { type AppFields, DINGTALK_FIELDS, FEISHU_FIELDS, readConfigYaml } from './read-config-yaml.ts';
import { type RawSettings, readDotenv, readEnvironment, readProperties } from './read-sources.ts';
import { checkRules, findWeaknesses } from './rules.ts';
import { type SettingName, type Settings, settingFacts, settingNames, settingsSchema } from './settings.ts';

export { type Problem, SettingsError } from './problems.ts';

export interface LoadOptions {
  env?: NodeJS.ProcessEnv;
  /** Folder of `.env`, `config.yaml` and `application.properties`. */
  dir?: string;
}

export interface ReadSettings {
  /** What was given, with its source; defaults are not in it. */
  raw: RawSettings;
  /** `undefined` when there are problems. */
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

function listedValues(key: string, fields: Record<string, SettingName>, list: readonly AppFields[]): GivenValue[] {
  return list.flatMap((app, index) =>
    Object.entries(app).flatMap(([field, value]) => {
      const setting = fields[field];
      return setting === undefined
        ? []
        : [{ setting, value, source: 'config.yaml', label: `${key}[${index}].${field}` }];
    }),
  );
}

/** Reads everything and judges it, without throwing: for commands that show settings. */
export function readSettings({ env = process.env, dir = process.cwd() }: LoadOptions = {}): ReadSettings {
  const yaml = readConfigYaml(dir);
  const readings = [readEnvironment(env, dir), readDotenv(dir), yaml, readProperties(dir)];
  // Weakest first, so that the stronger ones overwrite.
  const raw = withComposeDefaults(Object.assign({}, ...readings.map(({ values }) => values).reverse()));
  const values = Object.fromEntries(Object.entries(raw).map(([name, { value }]) => [name, value]));
  const parsed = settingsSchema.safeParse(values);
  const feishu = readFeishuApps(raw, yaml.feishu);
  const dingtalk = readDingtalkApps(raw, yaml.dingtalk);
  const misread = readings.flatMap((reading) => reading.problems);
  const misjudged = [
    ...checkValues([
      ...givenValues(raw),
      ...listedValues('feishu', FEISHU_FIELDS, yaml.feishu),
      ...listedValues('dingtalk', DINGTALK_FIELDS, yaml.dingtalk),
    ]),
    ...feishu.problems,
    ...dingtalk.problems,
    ...checkRules(raw),
  ];
  // What could not be read is not called missing as well.
  const problems = [...misread, ...misjudged.filter(({ name }) => !misread.some((other) => other.name === name))];
  if (!parsed.success || problems.length > 0) return { raw, settings: undefined, problems };
  const settings = {
    ...parsed.data,
    profile: parsed.data.PROFILE,
    feishuApps: feishu.apps,
    dingtalkApps: dingtalk.apps,
  };
  return { raw, settings: { ...settings, warnings: findWeaknesses(settings) }, problems };
}

/**
 * The settings of this process.
 * @throws SettingsError with all problems, ready for an operator
 */
export function loadSettings(options: LoadOptions = {}): Settings {
  const { settings, problems } = readSettings(options);
  if (settings === undefined) throw new SettingsError(problems);
  return settings;
}
