// Builds the apps of a platform from credentials, and reports missing and duplicate ones.
import type { PlatformDescriptor } from '../platforms/platform-descriptor.ts';
import type { AppCandidate, AppFields } from '../platforms/shared/app-candidate.ts';
import type { Problem } from './problems.ts';
import type { RawSettings } from './read-sources.ts';
import { isSettingName, type SettingName, settingsSchema } from './settings.ts';

export interface Apps {
  apps: unknown[];
  problems: Problem[];
}

/** Reads the apps of a platform: first the app of the settings, then the apps of the list in `config.yaml`. */
export function readApps({ id, apps }: PlatformDescriptor, raw: RawSettings, list: readonly AppFields[]): Apps {
  const given = (setting: string) => (isSettingName(setting) ? raw[setting]?.value : undefined);
  const all = candidates(id, apps.fields, raw, list);
  const problems = [...all.flatMap((candidate) => apps.check(candidate, given)), ...checkDuplicates(all, apps.fields)];
  return { apps: all.map(({ fields }) => apps.read(fields)), problems };
}

type FieldNames = PlatformDescriptor['apps']['fields'];

const idFieldOf = (names: FieldNames): string => Object.keys(names)[0] ?? '';

/** Returns the setting with the same meaning as a field, or undefined if there is none. */
export function settingOf(names: FieldNames, field: string): SettingName | undefined {
  const name = names[field];
  return isSettingName(name) ? name : undefined;
}

/** Returns the setting with the id of an app, or undefined if there is none. */
export const idSettingOf = (names: FieldNames): SettingName | undefined => settingOf(names, idFieldOf(names));

/** Parses a field with the schema of its setting. If the schema rejects the field, returns it unchanged. */
function readField(value: string, setting: SettingName | undefined): string {
  const read = setting && settingsSchema.shape[setting].safeParse(value).data;
  return typeof read === 'string' ? read : value;
}

/** Collects the apps. If the settings and the list name the same app, keeps the one of the settings. */
function candidates(key: string, names: FieldNames, raw: RawSettings, list: readonly AppFields[]): AppCandidate[] {
  const parseFields = (fields: AppFields): AppFields =>
    Object.fromEntries(
      Object.entries(fields).map(([field, value]) => [field, readField(value, settingOf(names, field))]),
    );
  const rawOf = (field: string) => {
    const setting = settingOf(names, field);
    return setting && raw[setting];
  };
  const entries = Object.keys(names).flatMap((field) => {
    const given = rawOf(field);
    return given ? [[field, given.value]] : [];
  });
  const single = parseFields(Object.fromEntries(entries));
  const idField = idFieldOf(names);
  const listed = list
    .map((fields, index) => ({ fields: parseFields(fields), name: (field: string) => `${key}[${index}].${field}` }))
    .filter(({ fields }) => single[idField] === undefined || fields[idField] !== single[idField]);
  if (Object.keys(single).length === 0) return listed;
  // If all fields are in config.yaml, name a missing field as in config.yaml.
  const inFile = Object.keys(single).every((field) => rawOf(field)?.label !== undefined);
  const name = (field: string) => rawOf(field)?.label ?? (inFile ? `${key}.${field}` : (names[field] ?? field));
  return [{ fields: single, name }, ...listed];
}

function checkDuplicates(list: AppCandidate[], names: FieldNames): Problem[] {
  const idField = idFieldOf(names);
  const ids = list.map(({ fields }) => fields[idField]);
  return list
    .filter(({ fields }, index) => fields[idField] !== undefined && ids.indexOf(fields[idField]) < index)
    .map(({ name }) => ({
      name: name(idField),
      problem: `${name(idField)} names an app that is already listed before, so it is unclear which credentials to use.`,
      fix: `Remove one of the two entries with this ${name(idField)}.`,
    }));
}
