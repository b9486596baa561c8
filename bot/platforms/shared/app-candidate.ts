// Checks an app from settings or `config.yaml` for missing fields.
import { type Problem, textsOfMissing } from '../../domain/problem.ts';

/** Fields of one app as text, with the keys of the file. */
export type AppFields = Readonly<Record<string, string>>;

/** An app that may be incomplete. */
export interface AppCandidate {
  fields: AppFields;
  /** Returns the name of a field for messages: its setting, or its key in the file. */
  name(field: string): string;
}

/** Returns the problem of a missing field `want` that the field `have` requires. `loss` is the consequence. */
export function missingField({ name }: AppCandidate, [have, want]: [string, string], loss: string): Problem {
  return { name: name(want), ...textsOfMissing(name(have), name(want), loss) };
}

/** Checks the two fields that every app needs. Reports a missing id, and a missing secret. */
export function checkIdAndSecret(candidate: AppCandidate, idField: string, platform: string): Problem[] {
  const { fields } = candidate;
  const other = Object.keys(fields)[0];
  if (fields[idField] === undefined) {
    return [missingField(candidate, [other ?? 'app_secret', idField], `no ${platform} app can be used`)];
  }
  if (fields.app_secret !== undefined) return [];
  const loss = `no access token can be requested, so no reply would reach ${platform}`;
  return [missingField(candidate, [idField, 'app_secret'], loss)];
}
