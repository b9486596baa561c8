// Reads the version of the running program.
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * Returns the version of the nearest `package.json` in the folder `from` or above it. The search goes upwards, because
 * sources and build have different depths.
 * @throws Error if there is no `package.json` up to the root
 */
export function packageVersion(from = dirname(fileURLToPath(import.meta.url))): string {
  let folder = from;
  while (!existsSync(join(folder, 'package.json'))) {
    if (folder === dirname(folder))
      throw new Error(`No package.json in ${from} or above it. Copy it to the folder of the build.`);
    folder = dirname(folder);
  }
  return (JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version: string }).version;
}
