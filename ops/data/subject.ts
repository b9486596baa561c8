// Whose data: one person on a platform, or one tenant.
import { cleanValue } from '../../bot/config/clean-value.ts';
import { nameOfPerson, parsePerson } from '../../bot/config/people.ts';
import type { Platform } from '../../bot/domain/platform.ts';
import { platformIds } from '../../bot/platforms/registry.ts';
import { UsageError } from '../command.ts';

export interface Person {
  platform: Platform;
  userId: string;
  /** As `/whoami` and OPERATORS name it; `requireSubject` finds its tenant. */
  organisation?: string;
  /** Missing: the only tenant in which the id is known, see `requireSubject`. */
  tenantId?: string;
}

export type Subject = { tenantId: string } | Person;

export const isPerson = (subject: Subject): subject is Person => 'userId' in subject;

/** The columns that name the subject, the same in every table that holds anything about people. */
export function columnsOf(subject: Subject): Record<string, string> {
  const tenant: Record<string, string> = subject.tenantId === undefined ? {} : { tenant_id: subject.tenantId };
  return isPerson(subject) ? { platform: subject.platform, user_id: subject.userId, ...tenant } : tenant;
}

export function nameOf(subject: Subject): string {
  if (!isPerson(subject)) return `the tenant ${subject.tenantId}`;
  const person = userOf(subject);
  return subject.tenantId === undefined ? person : `${person} in the tenant ${subject.tenantId}`;
}

/** The options that name the subject on the command line. */
export function optionsOf(subject: Subject): string[] {
  const tenant = subject.tenantId === undefined ? [] : ['--tenant', subject.tenantId];
  return isPerson(subject) ? ['--user', userOf(subject), ...tenant] : tenant;
}

function userOf({ platform, organisation, userId }: Person): string {
  return organisation === undefined ? `${platform}:${userId}` : nameOfPerson({ platform, organisation, userId });
}

/** Blanks and invisible signs that came along would name nobody, and a deletion of nothing would look like one. */
function withoutPasted(given: string | undefined): string | undefined {
  return given === undefined ? undefined : cleanValue(given, { secret: true });
}

/** `user` is `<platform>:<id>` or `<platform>:<organisation>/<id>`; ids of DingTalk may contain colons themselves. */
export function readSubject(givenUser: string | undefined, givenTenant: string | undefined): Subject {
  const [user, tenant] = [withoutPasted(givenUser), withoutPasted(givenTenant)];
  if (user === undefined) {
    if (tenant === undefined) throw new UsageError('Name a person with --user, a tenant with --tenant, or both.');
    return { tenantId: tenant };
  }
  const [, name, id] = /^([^:]*):(.+)$/.exec(user) ?? [];
  const organisation = parsePerson(user)?.organisation;
  const userId = organisation === undefined ? id : id?.slice(`${organisation}/`.length);
  const platform = platformIds().find((known) => known === name);
  if (!platform || !userId) {
    throw new UsageError(
      `--user ${user} is not a platform and an id, such as feishu:ou_7d8a6e6df7621556ce0d21922b676706.`,
    );
  }
  return {
    ...{ platform, userId },
    ...(organisation === undefined ? {} : { organisation }),
    ...(tenant === undefined ? {} : { tenantId: tenant }),
  };
}
