// Turns credentials into apps, and reports missing and doubled ones.
import type { PlatformDescriptor } from '../platforms/platform-descriptor.ts';
import type { AppCandidate, AppFields } from '../platforms/shared/app-candidate.ts';
import type { Problem } from './problems.ts';
import type { RawSettings } from './read-sources.ts';
import { isSettingName, settingsSchema } from './settings.ts';

export interface Apps {
  apps: unknown[];
  problems: Problem[];
}

/** Reads the apps of a platform: the one of the single settings first, then those of the list in `config.yaml`. */
export function readApps({ id, apps }: PlatformDescriptor, raw: RawSettings, list: readonly AppFields[]): Apps {
  const given = (setting: string) => (isSettingName(setting) ? raw[setting]?.value : undefined);
  const all = candidates(id, apps.fields, raw, list);
  const problems = [...all.flatMap((candidate) => apps.check(candidate, given)), ...checkTwice(all, apps.fields)];
  return { apps: all.map(({ fields }) => apps.read(fields)), problems };
}

type FieldNames = PlatformDescriptor['apps']['fields'];

const idFieldOf = (names: FieldNames): string => Object.keys(names)[0] ?? '';

/** A field as its setting is read; one that is rejected stays as it was written. */
function readField(value: string, setting: string | undefined): string {
  const read = isSettingName(setting) ? settingsSchema.shape[setting].safeParse(value).data : undefined;
  return typeof read === 'string' ? read : value;
}

/** The same app twice counts once, and the settings win. */
function candidates(key: string, names: FieldNames, raw: RawSettings, list: readonly AppFields[]): AppCandidate[] {
  const asRead = (fields: AppFields): AppFields =>
    Object.fromEntries(Object.entries(fields).map(([field, value]) => [field, readField(value, names[field])]));
  const rawOf = (field: string) => {
    const setting = names[field];
    return isSettingName(setting) ? raw[setting] : undefined;
  };
  const entries = Object.keys(names).flatMap((field) => {
    const given = rawOf(field);
    return given ? [[field, given.value]] : [];
  });
  const single = asRead(Object.fromEntries(entries));
  const idField = idFieldOf(names);
  const listed = list
    .map((fields, index) => ({ fields: asRead(fields), name: (field: string) => `${key}[${index}].${field}` }))
    .filter(({ fields }) => single[idField] === undefined || fields[idField] !== single[idField]);
  if (Object.keys(single).length === 0) return listed;
  // A missing field belongs where the others are: into config.yaml if all of them are there.
  const inFile = Object.keys(single).every((field) => rawOf(field)?.label !== undefined);
  const name = (field: string) => rawOf(field)?.label ?? (inFile ? `${key}.${field}` : (names[field] ?? field));
  return [{ fields: single, name }, ...listed];
}

function checkTwice(list: AppCandidate[], names: FieldNames): Problem[] {
  const idField = idFieldOf(names);
  const ids = list.map(({ fields }) => fields[idField]);
  return list
    .filter(({ fields }, index) => fields[idField] !== undefined && ids.indexOf(fields[idField]) < index)
    .map(({ name }) => ({
      name: name(idField),
      problem: `${name(idField)} names an app that is listed before, so it is open which credentials count.`,
      fix: `Remove one of the two entries with this ${name(idField)}.`,
    }));
}
