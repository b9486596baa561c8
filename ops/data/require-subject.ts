// Finds the subject that the options name, and rejects an id that may belong to several people.
import { platforms } from '../../bot/platforms/registry.ts';
import type { Store } from '../../bot/store/open-store.ts';
import { conversationTables } from '../../bot/tenants/conversation-tables.ts';
import { requireTenant } from '../installation/tenant.ts';
import { CommandError } from '../process/command-error.ts';
import { printError } from '../process/terminal.ts';
import { isPerson, nameOf, type Person, type Subject } from './subject.ts';

/**
 * Adds the tenant to a person whose id is known in one tenant only. Accepts a person without any rows.
 * Throws `CommandError` for an unknown tenant, an organisation of another tenant, or an id that may belong to several
 * people.
 */
export async function requireSubject(store: Store, subject: Subject): Promise<Subject> {
  if (subject.tenantId !== undefined) await requireTenant(store.knex, subject.tenantId);
  return isPerson(subject) ? requirePerson(store, subject) : subject;
}

async function requirePerson(store: Store, { organisation, ...person }: Person): Promise<Subject> {
  const bound = organisation === undefined ? undefined : await tenantsBoundTo(store, person, organisation);
  if (person.tenantId !== undefined) {
    await warnAboutSharedIds(store, person, person.tenantId);
    return person;
  }
  const [tenantId, ...others] = bound ?? (await tenantsOf(store, person));
  if (tenantId === undefined) return person;
  if (others.length > 0) throw severalTenants(person, [tenantId, ...others]);
  const organisations = await organisationsOf(store, person, tenantId);
  if (organisations.length > 1) throw severalOrganisations(person, tenantId, organisations);
  return { ...person, tenantId };
}

/**
 * Returns the tenants to which an organisation is bound, because rows name the tenant and not the organisation. Throws
 * `CommandError` if there is none, or if the named tenant is not among them.
 */
async function tenantsBoundTo({ knex }: Store, person: Person, organisation: string): Promise<string[]> {
  const { platform, userId, tenantId } = person;
  const channel = { platform, external_id: organisation };
  const bound: string[] = await knex('tenant_channel').where(channel).distinct('tenant_id').pluck('tenant_id');
  if (tenantId === undefined ? bound.length > 0 : bound.includes(tenantId)) return bound.sort();
  const which = tenantId === undefined ? 'bound to no tenant' : `not bound to the tenant ${tenantId}`;
  throw new CommandError(
    `The organisation ${organisation} is ${which}. Name the id and its tenant: --user ${platform}:${userId} --tenant <id>`,
  );
}

/** Returns the tenants that have rows of this user id. */
async function tenantsOf(store: Store, { platform, userId }: Person): Promise<string[]> {
  const tables = [...(await conversationTables(store)), 'session', 'inbox', 'outbox'];
  const found = await Promise.all(
    tables.map(
      (table): Promise<string[]> =>
        store.knex(table).where({ platform, user_id: userId }).distinct('tenant_id').pluck('tenant_id'),
    ),
  );
  return [...new Set(found.flat())].sort();
}

/**
 * Returns the organisations of a tenant in which the same user id may belong to different people. Empty for Feishu: an
 * open_id is unique in its app. A staff id of DingTalk is unique in its organisation only.
 */
async function organisationsOf({ knex }: Store, { platform }: Person, tenantId: string): Promise<string[]> {
  if (platforms[platform].terms.userIdIsUniqueIn !== 'organisation') return [];
  const bound: string[] = await knex('tenant_channel').where({ platform, tenant_id: tenantId }).pluck('external_id');
  return [...new Set(bound)].sort();
}

async function warnAboutSharedIds(store: Store, person: Person, tenantId: string): Promise<void> {
  const organisations = await organisationsOf(store, person, tenantId);
  if (organisations.length > 1) printError(`Warning: ${describeSharedIds(tenantId, organisations)}`);
}

function describeSharedIds(tenantId: string, organisations: string[]): string {
  const names = organisations.join(', ');
  return `the tenant ${tenantId} serves several organisations (${names}), whose people may have the same staff id. Their rows cannot be distinguished.`;
}

function severalTenants(person: Person, tenants: string[]): CommandError {
  const list = tenants.map((tenantId) => `  --tenant ${tenantId}`).join('\n');
  return new CommandError(
    `${nameOf(person)} is known in several tenants, and may be another person in each. Add one of:\n${list}`,
  );
}

function severalOrganisations(person: Person, tenantId: string, organisations: string[]): CommandError {
  const why = `${nameOf(person)} may be several people: ${describeSharedIds(tenantId, organisations)}`;
  return new CommandError(`${why}\nTo treat them as one person, add: --tenant ${tenantId}`);
}
