// Collects the secrets of this installation, so that the log can black them out wherever they turn up.
import { LEAST_SECRET_LENGTH } from './rules.ts';
import { type Settings, settingFacts, settingNames } from './settings.ts';

/** Passwords and tokens inside an address, as written and decoded. */
function partsOfUrl(value: string): string[] {
  if (!URL.canParse(value)) return [];
  const { password, searchParams, pathname } = new URL(value);
  const lastSegment = pathname.split('/').at(-1) ?? '';
  // A webhook ends in its token; a short last segment is a word of the interface or a database name.
  const token = lastSegment.length >= 16 ? [lastSegment] : [];
  return [password, decodeURIComponent(password), ...searchParams.values(), ...token];
}

/** Every secret text of the settings, longest first, each once. */
export function secretValues(settings: Settings): string[] {
  const values = settingNames().flatMap((name) => {
    const value = settings[name];
    if (!settingFacts(name).secret || typeof value !== 'string') return [];
    if (name === 'DATABASE_URL') return partsOfUrl(value);
    return name.endsWith('_WEBHOOK') ? [value, ...partsOfUrl(value)] : [value];
  });
  const apps = [
    ...settings.feishuApps.flatMap((app) => [app.appSecret, app.encryptKey, app.verificationToken]),
    ...settings.dingtalkApps.flatMap((app) => [app.appSecret, app.aesKey, app.token]),
  ];
  const long = [...values, ...apps].flatMap((value) =>
    value !== undefined && value.length >= LEAST_SECRET_LENGTH ? [value] : [],
  );
  return [...new Set(long)].sort((a, b) => b.length - a.length);
}
