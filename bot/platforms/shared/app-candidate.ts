// An app as it was written in settings or in `config.yaml`, before it is known to be complete.

/** Fields of one app as text, keyed as in the file. */
export type AppFields = Readonly<Record<string, string>>;

export interface AppCandidate {
  fields: AppFields;
  /** Name under which people know a field: the setting, or its place in the file. */
  name(field: string): string;
}

/** Fault of an app, and the fix. */
export interface AppProblem {
  /** Setting or key at fault. */
  name: string;
  problem: string;
  fix: string;
}

/** Problem of a field that another one needs; `loss` is the consequence. */
export function missingField({ name }: AppCandidate, [have, want]: [string, string], loss: string): AppProblem {
  return {
    name: name(want),
    problem: `${name(have)} is set but ${name(want)} is not: ${loss}.`,
    fix: `Set ${name(want)}, or remove ${name(have)}.`,
  };
}

/** Checks the two fields that every app needs: fields without the id, and the id without the secret, are a problem. */
export function checkIdAndSecret(candidate: AppCandidate, idField: string, platform: string): AppProblem[] {
  const { fields } = candidate;
  const other = Object.keys(fields)[0];
  if (fields[idField] === undefined) {
    return [missingField(candidate, [other ?? 'app_secret', idField], `no ${platform} app can be used`)];
  }
  if (fields.app_secret !== undefined) return [];
  const loss = `no access token can be had, so no reply would reach ${platform}`;
  return [missingField(candidate, [idField, 'app_secret'], loss)];
}
