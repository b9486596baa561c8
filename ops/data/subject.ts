// Whose data: one person on a platform, or one tenant.
import { PLATFORMS, type Platform } from '../../bot/telemetry/names.ts';
import { UsageError } from '../command.ts';

export type Subject = { tenantId: string } | { platform: Platform; userId: string };

/** The columns that name the subject, the same in every table that holds anything about people. */
export function columnsOf(subject: Subject): Record<string, string> {
  return 'tenantId' in subject
    ? { tenant_id: subject.tenantId }
    : { platform: subject.platform, user_id: subject.userId };
}

export function nameOf(subject: Subject): string {
  return 'tenantId' in subject ? `the tenant ${subject.tenantId}` : `${subject.platform}:${subject.userId}`;
}

/** The option that names the subject on the command line. */
export function optionOf(subject: Subject): string[] {
  return 'tenantId' in subject ? ['--tenant', subject.tenantId] : ['--user', nameOf(subject)];
}

/** `user` is `<platform>:<id>`; ids of DingTalk may contain colons themselves. */
export function readSubject(user: string | undefined, tenant: string | undefined): Subject {
  if ((user === undefined) === (tenant === undefined)) throw new UsageError('Say either --user or --tenant.');
  if (tenant !== undefined) return { tenantId: tenant };
  const [, name, userId] = /^([^:]*):(.+)$/.exec(user ?? '') ?? [];
  const platform = PLATFORMS.find((known) => known === name);
  if (!platform || !userId) {
    throw new UsageError(
      `--user ${user} is not a platform and an id, such as feishu:ou_7d8a6e6df7621556ce0d21922b676706.`,
    );
  }
  return { platform, userId };
}
