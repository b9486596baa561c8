// Hands the settings to Compose as the bot reads them.
import type { RawSettings } from '../../bot/config/read-sources.ts';
import { isSettingName, type Settings, settingNames } from '../../bot/config/settings.ts';
import { descriptors } from '../../bot/platforms/registry.ts';

/**
 * `env` with every setting as `raw` holds it, empty where it is not given, because Compose reads `.env` otherwise: it
 * replaces `$name` and keeps a comment behind an empty value. The environment is stronger than the file:
 * https://docs.docker.com/compose/how-tos/environment-variables/envvars-precedence/. `NAME_FILE`, `config.yaml` and
 * `application.properties`, which the container does not see, arrive in the same way.
 *
 * Settings in `generated` stand in `.env` only. Proxies would change how Docker itself connects, so they stay there too.
 */
export function composeEnvironment(
  raw: RawSettings,
  env: NodeJS.ProcessEnv,
  generated: readonly string[],
): NodeJS.ProcessEnv {
  const names = settingNames().filter((name) => !name.endsWith('_PROXY') && !generated.includes(name));
  return { ...env, ...Object.fromEntries(names.map((name) => [name, raw[name]?.value ?? ''])) };
}

/** Sentences about apps in a list of `config.yaml`, which no setting can hold. */
export function withoutListedApps({ apps }: Settings, raw: RawSettings): string[] {
  const isListed = descriptors().some(({ id, apps: { fields } }) => {
    const [idSetting] = Object.values(fields);
    const fromSettings = isSettingName(idSetting) && raw[idSetting] ? 1 : 0;
    return apps[id].length > fromSettings;
  });
  return isListed
    ? ['config.yaml lists apps, which the container does not see. Write one app as a mapping, or use PROFILE=embedded.']
    : [];
}
