// Distinguishes rights that only the engineer lacks from rights that the bot lacks.
import type { CheckContext, CheckOutcome } from '../engine/check.ts';

/** Codes of the system and of SQLite for missing rights. */
const DENIED = ['EACCES', 'EPERM', 'SQLITE_CANTOPEN', 'SQLITE_READONLY'];

interface Denied {
  path: string;
  code: string;
  /** Process id of the bot, if it runs here. */
  botPid?: number | undefined;
}

/**
 * Returns the outcome of a check if this user lacks the right to `path` and is not the user of the bot: the failure then
 * shows nothing about the bot. Without a running bot, the owner of the path counts as its user. Returns undefined for
 * other codes, and if the users are the same.
 */
export async function noPermission(
  { files, proc }: Pick<CheckContext, 'files' | 'proc'>,
  { path, code, botPid }: Denied,
): Promise<CheckOutcome | undefined> {
  if (!DENIED.some((each) => code.startsWith(each))) return undefined;
  const user = await files.owner(botPid === undefined ? path : `/proc/${botPid}`);
  if (user === proc.ownUser()) return undefined;
  const name = await files.userName(user);
  return {
    status: 'unknown',
    reason: 'no_permission',
    code,
    summary: `this user may not use ${path}; run as ${name}: sudo -u ${name} ./chatbot diagnose`,
  };
}
