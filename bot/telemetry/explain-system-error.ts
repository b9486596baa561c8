// Explains errors of the operating system that have a known fix.
import { existsSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { isError } from './describe-error.ts';

/** Returns an explanation with the fix for the operator, or `undefined` if the code has no known fix. */
export function explainSystemError(error: unknown): string | undefined {
  if (!isError(error)) return undefined;
  const { code, path, dest, syscall } = error as NodeJS.ErrnoException & { dest?: string };
  const place = path === undefined || path === '' ? undefined : resolve(dest ?? path);
  return explanations[code ?? '']?.(place, syscall);
}

const explanations: Record<string, (path: string | undefined, syscall?: string) => string | undefined> = {
  EACCES: explainAccess,
  EPERM: explainAccess,
  EROFS: (path) =>
    `${path ?? 'The disk'} is on a read-only file system. Mount it writable, or set DATABASE_URL and LOG_DIR to another folder.`,
  ENOSPC: (path) =>
    `No space is left for ${path ?? 'writing'}. Free some space: df -h shows the disks, du -sh data/* the folders.`,
  EDQUOT: (path) => `The disk quota for ${path ?? 'writing'} is used up. Free some space, or raise the quota.`,
  EMFILE: () => 'Too many files are open in this process. Raise the limit (ulimit -n 4096), then try again.',
  ENFILE: () => 'Too many files are open on this machine. Stop other programs, or raise fs.file-max.',
  ENOENT: (path) =>
    path &&
    `${path} does not exist. Run the command in the folder of the installation, or correct the setting that names it.`,
  ENOTDIR: (path) => path && `A part of ${path} is a file, not a folder. Move that file away.`,
  EISDIR: (path) => path && `${path} is a folder, not a file. Move it away, or correct the setting that names it.`,
};

/**
 * Explains a denied access. The most frequent cause is a folder created by a command with sudo. The fix never changes
 * the owner of a complete system folder.
 */
function explainAccess(path: string | undefined, syscall?: string): string | undefined {
  if (path === undefined) return undefined;
  const place = nearestExisting(path);
  const user = process.getuid?.() ?? 'this user';
  const owner = ownerOf(place);
  const whose = owner === undefined || owner === user ? '' : ` ${place} belongs to user ${owner}, not to ${user}.`;
  return `${path} may not be read or written by this user.${whose} ${fixOf({ path, place, user, syscall })}`;
}

interface DeniedAccess {
  path: string;
  /** The path, or the nearest existing folder above it. */
  place: string;
  user: number | string;
  syscall: string | undefined;
}

function fixOf({ path, place, user, syscall }: DeniedAccess): string {
  const inside = `${place}/`.startsWith(`${process.cwd()}/`);
  if (inside)
    return `Change the owner: sudo chown -R ${user} ${place}; if the owner is correct: chmod -R u+rwX ${place}`;
  if (place === path) return `Change the owner: sudo chown ${user} ${path}`;
  if (syscall === 'mkdir') return `Create it for this user: sudo mkdir -p ${path} && sudo chown ${user} ${path}`;
  return 'Set the path to a folder of this user, for example in DATABASE_URL or LOG_DIR.';
}

function nearestExisting(path: string): string {
  return existsSync(path) || dirname(path) === path ? path : nearestExisting(dirname(path));
}

function ownerOf(path: string): number | undefined {
  return statSync(path, { throwIfNoEntry: false })?.uid;
}
