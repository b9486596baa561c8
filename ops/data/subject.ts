// Subject of an export or a deletion: one person on a platform, or one tenant.
import { cleanValue } from '../../bot/config/clean-value.ts';
import { nameOfPerson, parsePerson } from '../../bot/config/people.ts';
import type { Platform } from '../../bot/domain/platform.ts';
import { descriptorOf, descriptors } from '../../bot/platforms/registry.ts';
import { UsageError } from '../command.ts';

export interface Person {
  platform: Platform;
  userId: string;
  /** Organisation, as in `/whoami` and `OPERATORS`. `requireSubject` finds its tenant. */
  organisation?: string;
  /** If missing, `requireSubject` uses the only tenant in which the id is known. */
  tenantId?: string;
}

export type Subject = { tenantId: string } | Person;

export const isPerson = (subject: Subject): subject is Person => 'userId' in subject;

/** Returns the columns that select the subject's rows. They are the same in every table with personal data. */
export function columnsOf(subject: Subject): Record<string, string> {
  const tenant: Record<string, string> = subject.tenantId === undefined ? {} : { tenant_id: subject.tenantId };
  return isPerson(subject) ? { platform: subject.platform, user_id: subject.userId, ...tenant } : tenant;
}

/** Returns the subject's name for messages to the operator. */
export function nameOf(subject: Subject): string {
  if (!isPerson(subject)) return `the tenant ${subject.tenantId}`;
  const person = userOf(subject);
  return subject.tenantId === undefined ? person : `${person} in the tenant ${subject.tenantId}`;
}

/** Returns the command line options that name the subject. */
export function optionsOf(subject: Subject): string[] {
  const tenant = subject.tenantId === undefined ? [] : ['--tenant', subject.tenantId];
  return isPerson(subject) ? ['--user', userOf(subject), ...tenant] : tenant;
}

function userOf({ platform, organisation, userId }: Person): string {
  return organisation === undefined ? `${platform}:${userId}` : nameOfPerson({ platform, organisation, userId });
}

/**
 * Removes blanks and invisible characters of a pasted id. With them the id would match no row, and a deletion of
 * nothing would look successful.
 */
function cleanPasted(given: string | undefined): string | undefined {
  return given === undefined ? undefined : cleanValue(given, { secret: true });
}

/**
 * Parses a user, `<platform>:<id>` or `<platform>:<organisation>/<id>`, and a tenant. Ids of DingTalk may contain
 * colons. Throws `UsageError` if both are missing, or if the user is malformed.
 */
export function readSubject(givenUser: string | undefined, givenTenant: string | undefined): Subject {
  const [user, tenant] = [cleanPasted(givenUser), cleanPasted(givenTenant)];
  if (user === undefined) {
    if (tenant === undefined) throw new UsageError('Name a person with --user, a tenant with --tenant, or both.');
    return { tenantId: tenant };
  }
  const [, name, id] = /^([^:]*):(.+)$/.exec(user) ?? [];
  const organisation = parsePerson(user)?.organisation;
  const userId = organisation === undefined ? id : id?.slice(`${organisation}/`.length);
  const platform = descriptorOf(name)?.id;
  if (!platform || !userId) {
    throw new UsageError(`--user ${user} is not a platform and an id, such as ${userExamples()}.`);
  }
  return {
    ...{ platform, userId },
    ...(organisation === undefined ? {} : { organisation }),
    ...(tenant === undefined ? {} : { tenantId: tenant }),
  };
}

/** Returns an example of `--user` for each platform. */
export function userExamples(): string {
  return descriptors()
    .map(({ id, terms }) => `${id}:${terms.userIdExample} (${terms.userId})`)
    .join(' or ');
}
