// Checks whether a sender is an operator. Also checks the organisation, because DingTalk organisations choose their own
// staff ids.
import { parsePerson } from '../../config/people.ts';
import { DEFAULT_TENANT } from '../../tenants/tenants.ts';
import type { CommandCall } from './command.ts';

/**
 * Returns a check against `entries` of the setting OPERATORS. An entry without an organisation is valid only in the
 * tenant `default`.
 */
export function createOperatorCheck(entries: readonly string[]): (call: Omit<CommandCall, 'text'>) => boolean {
  const people = entries.flatMap((entry) => parsePerson(entry) ?? []);
  return ({ platform, userId, externalTenantId, tenantId }) =>
    people.some((person) => {
      if (person.platform !== platform || person.userId !== userId) return false;
      return person.organisation === undefined ? tenantId === DEFAULT_TENANT : person.organisation === externalTenantId;
    });
}
