// Decides who is an operator. Ids alone do not: a corporation of DingTalk chooses the staff ids of its people itself.
import { parsePerson } from '../../config/people.ts';
import { DEFAULT_TENANT } from '../../tenants/tenants.ts';
import type { Call } from './command.ts';

/** `entries` as in the setting OPERATORS. One without an organisation holds in the tenant `default` only. */
export function createOperatorCheck(entries: readonly string[]): (call: Omit<Call, 'text'>) => boolean {
  const people = entries.flatMap((entry) => parsePerson(entry) ?? []);
  return ({ platform, userId, externalTenantId, tenantId }) =>
    people.some((person) => {
      if (person.platform !== platform || person.userId !== userId) return false;
      return person.organisation === undefined ? tenantId === DEFAULT_TENANT : person.organisation === externalTenantId;
    });
}
