// Finds the one subject that an option names, and rejects an id that may mean several people.
import type { Store } from '../../bot/store/open-store.ts';
import { conversationTables } from '../../bot/tenants/conversation-tables.ts';
import { requireTenant } from '../installation/tenant.ts';
import { CommandError } from '../process/command-error.ts';
import { printError } from '../process/terminal.ts';
import { isPerson, nameOf, type Person, type Subject } from './subject.ts';

/**
 * Adds the tenant to a person that is known in one tenant only. A person need not be known anywhere.
 * @throws CommandError when there is no such tenant, or when the id is known in several organisations
 */
export async function requireSubject(store: Store, subject: Subject): Promise<Subject> {
  if (subject.tenantId !== undefined) await requireTenant(store.knex, subject.tenantId);
  return isPerson(subject) ? requirePerson(store, subject) : subject;
}

async function requirePerson(store: Store, { organisation, ...person }: Person): Promise<Subject> {
  const bound = organisation === undefined ? undefined : await tenantsBoundTo(store, person, organisation);
  if (person.tenantId !== undefined) {
    await warnOfNamesakes(store, person, person.tenantId);
    return person;
  }
  const [tenantId, ...others] = bound ?? (await tenantsOf(store, person));
  if (tenantId === undefined) return person;
  if (others.length > 0) throw severalTenants(person, [tenantId, ...others]);
  const organisations = await organisationsOf(store, person, tenantId);
  if (organisations.length > 1) throw severalOrganisations(person, tenantId, organisations);
  return { ...person, tenantId };
}

/** Rows name the tenant, not the organisation. At least one, and the one that is wanted if it is named. */
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

/** Tenants that hold anything of somebody with this id. */
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

/** Rows name the tenant, not the organisation. Ids of Feishu are unique in their app, staff ids of DingTalk are not. */
async function organisationsOf({ knex }: Store, { platform }: Person, tenantId: string): Promise<string[]> {
  if (platform !== 'dingtalk') return [];
  const bound: string[] = await knex('tenant_channel').where({ platform, tenant_id: tenantId }).pluck('external_id');
  return [...new Set(bound)].sort();
}

async function warnOfNamesakes(store: Store, person: Person, tenantId: string): Promise<void> {
  const organisations = await organisationsOf(store, person, tenantId);
  if (organisations.length > 1) printError(`Warning: ${namesakes(tenantId, organisations)}`);
}

function namesakes(tenantId: string, organisations: string[]): string {
  const names = organisations.join(', ');
  return `the tenant ${tenantId} serves several organisations (${names}), whose people may share a staff id. Their rows are not told apart.`;
}

function severalTenants(person: Person, tenants: string[]): CommandError {
  const list = tenants.map((tenantId) => `  --tenant ${tenantId}`).join('\n');
  return new CommandError(
    `${nameOf(person)} is known in several tenants, and may be another person in each. Add one of:\n${list}`,
  );
}

function severalOrganisations(person: Person, tenantId: string, organisations: string[]): CommandError {
  const why = `${nameOf(person)} may be several people: ${namesakes(tenantId, organisations)}`;
  return new CommandError(`${why}\nTo take them as one person, add: --tenant ${tenantId}`);
}
