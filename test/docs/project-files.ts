// Lists and reads the files of the project.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../../ops/installation/project-root.ts';

const ROOT = projectRoot();

/** Folders that git ignores: installed packages, output of build and test, data of a bot. */
const GENERATED = ['.git', 'node_modules', 'dist', 'coverage', 'data'];

/** Paths of all files, relative to the root. */
export const projectFiles: readonly string[] = readdirSync(ROOT)
  .filter((name) => !GENERATED.includes(name))
  .flatMap((name) => (isFolder(name) ? filesBelow(name) : [name]));

/** Paths of all Markdown pages. */
export const markdownPages: readonly string[] = projectFiles.filter((path) => path.endsWith('.md'));

export function readText(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8');
}

/** Names of the folders directly in `folder`. */
export function foldersIn(folder: string): string[] {
  return readdirSync(join(ROOT, folder)).filter((name) => isFolder(join(folder, name)));
}

function filesBelow(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .map((path) => join(folder, path))
    .filter((path) => !path.includes('node_modules') && !isFolder(path));
}

function isFolder(path: string): boolean {
  return statSync(join(ROOT, path)).isDirectory();
}
