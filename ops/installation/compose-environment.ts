// Passes the settings to Compose as the bot reads them.
import { idSettingOf } from '../../bot/config/read-apps.ts';
import type { RawSettings } from '../../bot/config/read-sources.ts';
import { type Settings, settingNames } from '../../bot/config/settings.ts';
import { descriptors } from '../../bot/platforms/registry.ts';

/**
 * Returns `env` with every setting as `raw` holds it, or empty if the setting is not given. Compose would read `.env`
 * differently: it replaces `$name` and keeps a comment behind an empty value. The environment takes precedence over the
 * file: https://docs.docker.com/compose/how-tos/environment-variables/envvars-precedence/ (read 2026-11). `NAME_FILE`,
 * `config.yaml` and `application.properties`, which the container does not see, are passed by the same environment.
 *
 * Settings in `generated` are only in `.env`. Proxy settings stay there too, because they would change how Docker
 * itself connects.
 */
export function composeEnvironment(
  raw: RawSettings,
  env: NodeJS.ProcessEnv,
  generated: readonly string[],
): NodeJS.ProcessEnv {
  const names = settingNames().filter((name) => !name.endsWith('_PROXY') && !generated.includes(name));
  return { ...env, ...Object.fromEntries(names.map((name) => [name, raw[name]?.value ?? ''])) };
}

/** Returns a warning if `config.yaml` lists apps, because a setting cannot hold a list. */
export function listedAppWarnings({ apps }: Settings, raw: RawSettings): string[] {
  const isListed = descriptors().some(({ id, apps: { fields } }) => {
    const idSetting = idSettingOf(fields);
    const fromSettings = idSetting && raw[idSetting] ? 1 : 0;
    return apps[id].length > fromSettings;
  });
  return isListed
    ? ['config.yaml lists apps, which the container does not see. Write one app as a mapping, or use PROFILE=embedded.']
    : [];
}
