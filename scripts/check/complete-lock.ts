// Adds the missing checksums to package-lock.json: `make lock`. npm omits those of optional packages for other systems.
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { print } from '../../ops/process/terminal.ts';

const LOCK = 'package-lock.json';

interface Entry {
  /** Of a package that is installed under another name. */
  name?: string;
  version: string;
  integrity?: string;
  link?: boolean;
}

const lock: { packages: Record<string, Entry> } = JSON.parse(readFileSync(LOCK, 'utf8'));
const missing = Object.entries(lock.packages).filter(([path, { integrity, link }]) => path && !integrity && !link);
for (const [path, entry] of missing) {
  const { version, ...rest } = entry;
  const name = entry.name ?? path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);
  // The order of npm's own entries, so that the next `npm install` changes nothing.
  lock.packages[path] = { version, integrity: checksumOf(name, version), ...rest };
}
writeFileSync(LOCK, `${JSON.stringify(lock, null, 2)}\n`);
print(`Checksums added to ${LOCK}: ${missing.length}`);

/** The registry's checksum of a published version. */
function checksumOf(name: string, version: string): string {
  const args = ['view', `${name}@${version}`, 'dist.integrity'];
  const checksum = execFileSync('npm', args, { encoding: 'utf8' }).trim();
  if (!/^sha\d+-\S+$/.test(checksum)) throw new Error(`the registry has no checksum of ${name}@${version}`);
  return checksum;
}
