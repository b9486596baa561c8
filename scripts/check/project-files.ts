// Lists the files of the project by git.
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';

/** Files at and below the paths, without paths all files: tracked and new ones, without ignored and deleted ones. */
export function projectFiles(...paths: string[]): string[] {
  const args = ['ls-files', '-z', '--cached', '--others', '--exclude-standard', '--', ...paths];
  return execFileSync('git', args, { encoding: 'utf8' })
    .split('\0')
    .filter((file) => file !== '' && existsSync(file));
}
