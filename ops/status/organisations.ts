// Formats the organisations that the bot serves, and those whose messages it ignores.
import type { z } from 'zod';
import { statusSchema } from '../../bot/health/status-schema.ts';
import { bindCommand } from '../installation/bind-command.ts';

/** Schema of `organisations` in `/status`. An older bot does not report them. */
export const organisationsSchema = statusSchema.shape.organisations.default({ bound: null, unknown: [] });
export type Organisations = z.output<typeof organisationsSchema>;

/** Returns rows for `columns`. */
export function organisationRows({ bound, unknown }: Organisations): string[][] {
  return [
    ...(bound ?? []).map((one) => [one.platform, one.appId, one.organisation, `tenant ${one.tenantId}`]),
    ...unknown
      .filter((one) => !isBound(one, bound ?? []))
      .map((one) => [
        ...[one.platform, one.appId, one.organisation],
        `NOT bound: ${one.ignored} messages ignored, the last at ${one.lastAt.slice(0, 19)}Z; ${bindCommand(one)}`,
      ]),
  ];
}

type OrganisationKey = { platform: string; appId: string; organisation: string };

function isBound({ platform, appId, organisation: id }: OrganisationKey, bound: OrganisationKey[]): boolean {
  return bound.some((one) => one.platform === platform && one.appId === appId && one.organisation === id);
}
