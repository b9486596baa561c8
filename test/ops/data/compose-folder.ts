// Creates a folder in which the `full` profile was started, with a script in place of `docker`.
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from '../process/stand-in.ts';

/** `calls` returns the arguments of every call of `docker`, one call a line. */
export function composeFolder(script: string) {
  const dir = temporaryFolder();
  mkdirSync(join(dir, 'data/run'), { recursive: true });
  writeFileSync(join(dir, 'data/run/profile.json'), JSON.stringify({ profile: 'full' }));
  writeFileSync(join(dir, 'docker'), `#!/bin/sh\necho "$@" >> '${dir}/calls'\n${script}\n`);
  chmodSync(join(dir, 'docker'), 0o755);
  return { dir, env: { PATH: `${dir}:/usr/bin:/bin` }, calls: () => readFileSync(join(dir, 'calls'), 'utf8') };
}
