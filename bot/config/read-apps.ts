// Turns credentials into apps, and says what is missing and what would be lost.
import type { Problem } from './problems.ts';
import { type AppFields, DINGTALK_FIELDS, FEISHU_FIELDS } from './read-config-yaml.ts';
import type { RawSettings } from './read-sources.ts';
import { type DingtalkApp, type FeishuApp, type SettingName, settingsSchema } from './settings.ts';

interface Candidate {
  fields: AppFields;
  /** Name under which people know a field: the variable, or its place in the file. */
  name: (field: string) => string;
}

export interface Apps<App> {
  apps: App[];
  problems: Problem[];
}

/** A field as its setting is read; one that is rejected stays as it was written. */
function readField(value: string, setting: SettingName | undefined): string {
  const read = setting === undefined ? undefined : settingsSchema.shape[setting].safeParse(value).data;
  return typeof read === 'string' ? read : value;
}

/** The app of the single settings first, then those of the list; the same app twice counts once, the settings win. */
function candidates(names: Record<string, SettingName>, raw: RawSettings, list: AppFields[], key: string): Candidate[] {
  const asRead = (fields: AppFields): AppFields =>
    Object.fromEntries(Object.entries(fields).map(([field, value]) => [field, readField(value, names[field])]));
  const entries = Object.entries(names).flatMap(([field, name]) => (raw[name] ? [[field, raw[name].value]] : []));
  const single = asRead(Object.fromEntries(entries));
  const idField = Object.keys(names)[0] ?? '';
  const listed = list
    .map((fields, index) => ({ fields: asRead(fields), name: (field: string) => `${key}[${index}].${field}` }))
    .filter(({ fields }) => single[idField] === undefined || fields[idField] !== single[idField]);
  if (Object.keys(single).length === 0) return listed;
  // A missing field belongs where the others are: into config.yaml when all of them stand there.
  const inFile = Object.keys(single).every((field) => labelOf(field) !== undefined);
  const name = (field: string) => labelOf(field) ?? (inFile ? `${key}.${field}` : (names[field] ?? field));
  return [{ fields: single, name }, ...listed];

  function labelOf(field: string): string | undefined {
    const setting = names[field];
    return setting === undefined ? undefined : raw[setting]?.label;
  }
}

function missing({ name }: Candidate, [have, want]: [string, string], loss: string): Problem {
  return {
    name: name(want),
    problem: `${name(have)} is set but ${name(want)} is not: ${loss}.`,
    fix: `Set ${name(want)}, or remove ${name(have)}.`,
  };
}

/** Any field without the id, and the id without the secret, leave an app that cannot work. */
function checkPair(candidate: Candidate, idField: string, platform: string): Problem[] {
  const { fields } = candidate;
  const other = Object.keys(fields)[0];
  if (fields[idField] === undefined) {
    return [missing(candidate, [other ?? 'app_secret', idField], `no ${platform} app can be used`)];
  }
  if (fields.app_secret !== undefined) return [];
  const loss = `no access token can be had, so no reply would reach ${platform}`;
  return [missing(candidate, [idField, 'app_secret'], loss)];
}

function checkFeishu(candidate: Candidate, raw: RawSettings): Problem[] {
  const { fields, name } = candidate;
  const problems = checkPair(candidate, 'app_id', 'Feishu');
  // Over a long connection the app secret vouches for every event.
  const byCallback = raw.FEISHU_INPUT?.value !== 'websocket';
  const unguarded = fields.encrypt_key === undefined && fields.verification_token === undefined;
  if (byCallback && fields.app_id !== undefined && unguarded) {
    const either = `${name('encrypt_key')} or ${name('verification_token')}`;
    problems.push({
      name: name('encrypt_key'),
      problem: `${name('app_id')} is set without ${either}: events from Feishu could not be told from forged ones.`,
      fix: `Set ${either} to the value on the page "Events & Callbacks" of the app.`,
    });
  }
  return problems;
}

/** Shape of the platform's key: 43 characters of Base64 without the final "=". */
const AES_KEY = /^[A-Za-z0-9]{43}$/;

function checkDingtalk(candidate: Candidate): Problem[] {
  const { fields, name } = candidate;
  const problems = checkPair(candidate, 'app_key', 'DingTalk');
  const { aes_key, token } = fields;
  if (aes_key !== undefined && !AES_KEY.test(aes_key)) {
    problems.push({
      name: name('aes_key'),
      problem: `${name('aes_key')} has ${aes_key.length} characters or a sign other than A-Z, a-z, 0-9; it must be exactly 43 letters and digits. The "32" in guides counts the bytes after decoding.`,
      fix: `Copy ${name('aes_key')} again from the event subscription of the app.`,
    });
  }
  if (aes_key !== undefined && token === undefined) {
    problems.push(missing(candidate, ['aes_key', 'token'], 'event callbacks could not be verified'));
  }
  if (aes_key === undefined && token !== undefined) {
    problems.push(missing(candidate, ['token', 'aes_key'], 'event callbacks could not be decrypted'));
  }
  return problems;
}

function checkTwice(list: Candidate[], idField: string): Problem[] {
  const ids = list.map(({ fields }) => fields[idField]);
  return list
    .filter(({ fields }, index) => fields[idField] !== undefined && ids.indexOf(fields[idField]) < index)
    .map(({ name }) => ({
      name: name(idField),
      problem: `${name(idField)} names an app that is listed before, so it is open which credentials count.`,
      fix: `Remove one of the two entries with this ${name(idField)}.`,
    }));
}

/** All Feishu apps. */
export function readFeishuApps(raw: RawSettings, list: AppFields[]): Apps<FeishuApp> {
  const all = candidates(FEISHU_FIELDS, raw, list, 'feishu');
  const apps = all.map(({ fields: { app_id = '', app_secret = '', encrypt_key, verification_token } }) => ({
    appId: app_id,
    appSecret: app_secret,
    ...(encrypt_key === undefined ? {} : { encryptKey: encrypt_key }),
    ...(verification_token === undefined ? {} : { verificationToken: verification_token }),
  }));
  return { apps, problems: [...all.flatMap((candidate) => checkFeishu(candidate, raw)), ...checkTwice(all, 'app_id')] };
}

/** All DingTalk apps. */
export function readDingtalkApps(raw: RawSettings, list: AppFields[]): Apps<DingtalkApp> {
  const all = candidates(DINGTALK_FIELDS, raw, list, 'dingtalk');
  const apps = all.map(({ fields: { app_key = '', app_secret = '', aes_key, token, robot_code } }) => ({
    appKey: app_key,
    appSecret: app_secret,
    ...(aes_key === undefined ? {} : { aesKey: aes_key }),
    ...(token === undefined ? {} : { token }),
    robotCode: robot_code ?? app_key,
  }));
  return { apps, problems: [...all.flatMap(checkDingtalk), ...checkTwice(all, 'app_key')] };
}
