// Explains errors of the operating system whose code has a known remedy.
import { existsSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { isError } from './describe-error.ts';

/** Sentences for the operator, or `undefined` when the code has no known remedy. */
export function explainSystemError(error: unknown): string | undefined {
  if (!isError(error)) return undefined;
  const { code, path, dest, syscall } = error as NodeJS.ErrnoException & { dest?: string };
  const place = path === undefined || path === '' ? undefined : resolve(dest ?? path);
  return remedies[code ?? '']?.(place, syscall);
}

const remedies: Record<string, (path: string | undefined, syscall?: string) => string | undefined> = {
  EACCES: explainAccess,
  EPERM: explainAccess,
  EROFS: (path) =>
    `${path ?? 'The disk'} is on a read-only file system. Mount it writable, or name another folder with DATABASE_URL and LOG_DIR.`,
  ENOSPC: (path) =>
    `No space is left for ${path ?? 'writing'}. Free some: df -h shows the disks, du -sh data/* the folders.`,
  EDQUOT: (path) => `The disk quota for ${path ?? 'writing'} is used up. Free some space, or raise the quota.`,
  EMFILE: () => 'Too many files are open in this process. Raise the limit (ulimit -n 4096), then try again.',
  ENFILE: () => 'Too many files are open on this machine. End other programs, or raise fs.file-max.',
  ENOENT: (path) =>
    path &&
    `${path} does not exist. Run the command in the folder of the installation, or correct the setting that names it.`,
  ENOTDIR: (path) => path && `A part of ${path} is a file, not a folder. Move that file away.`,
  EISDIR: (path) => path && `${path} is a folder, not a file. Move it away, or correct the setting that names it.`,
};

/** Most often a command with sudo has made the folder. Folders of the system are never given away as a whole. */
function explainAccess(path: string | undefined, syscall?: string): string | undefined {
  if (path === undefined) return undefined;
  const place = nearestExisting(path);
  const user = process.getuid?.() ?? 'this user';
  const owner = ownerOf(place);
  const whose = owner === undefined || owner === user ? '' : ` ${place} belongs to user ${owner}, not to ${user}.`;
  return `${path} may not be read or written by this user.${whose} ${remedyOf({ path, place, user, syscall })}`;
}

interface Denied {
  path: string;
  /** The path, or the nearest folder above it that exists. */
  place: string;
  user: number | string;
  syscall: string | undefined;
}

function remedyOf({ path, place, user, syscall }: Denied): string {
  const inside = `${place}/`.startsWith(`${process.cwd()}/`);
  if (inside) return `Give it back: sudo chown -R ${user} ${place}; if the owner is right: chmod -R u+rwX ${place}`;
  if (place === path) return `Give it to this user: sudo chown ${user} ${path}`;
  if (syscall === 'mkdir') return `Make it for this user: sudo mkdir -p ${path} && sudo chown ${user} ${path}`;
  return 'Name a folder of this user in the setting that holds the path, such as DATABASE_URL or LOG_DIR.';
}

function nearestExisting(path: string): string {
  return existsSync(path) || dirname(path) === path ? path : nearestExisting(dirname(path));
}

function ownerOf(path: string): number | undefined {
  return statSync(path, { throwIfNoEntry: false })?.uid;
}
