// Formats the organisations that the bot serves, and those whose messages it ignores.
import { z } from 'zod';
import { bindCommand } from '../installation/bind-command.ts';

const organisation = { platform: z.string(), appId: z.string(), organisation: z.string() };

/** Schema of `organisations` in `/status`. An older bot does not report them. */
export const organisationsSchema = z
  .object({
    bound: z.array(z.object({ ...organisation, tenantId: z.string() })).nullable(),
    unknown: z.array(z.object({ ...organisation, ignored: z.number(), lastAt: z.string() })),
  })
  .default({ bound: null, unknown: [] });
export type Organisations = z.infer<typeof organisationsSchema>;

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
