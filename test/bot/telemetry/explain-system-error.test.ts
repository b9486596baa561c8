// Errors of the operating system: each known code is explained with its fix.
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { explainSystemError } from '../../../bot/telemetry/explain-system-error.ts';

const dir = mkdtempSync(join(tmpdir(), 'system-error-'));
const failure = (code: string, path?: string) => Object.assign(new Error(code), { code, path });

function errorOf(step: () => unknown): unknown {
  try {
    step();
  } catch (error) {
    return error;
  }
  throw new Error('The step threw no error.');
}

test.each<[string, unknown, RegExp]>([
  [
    'missing permission',
    failure('EACCES', 'docs/missing/run'),
    /\/docs\/missing\/run may not be read or written by this user\..* sudo chown -R \d+ \S*\/docs;/,
  ],
  ['not the owner of a file', failure('EPERM', '/etc/hostname'), /by this user.* sudo chown \d+ \/etc\/hostname$/],
  [
    'a system folder',
    Object.assign(failure('EACCES', '/var/log/none-such'), { syscall: 'mkdir' }),
    / sudo mkdir -p \/var\/log\/none-such && sudo chown \d+ \/var\/log\/none-such$/,
  ],
  ['a file in a system folder', failure('EACCES', '/var/lib/none-such.db'), /Set the path to a folder of this user/],
  ['a read-only disk', failure('EROFS', '/x'), /\/x is on a read-only file system\. Mount it writable/],
  ['a full disk', failure('ENOSPC'), /No space is left.*df -h/],
  ['a quota', failure('EDQUOT'), /quota/],
  ['too many files of the process', failure('EMFILE'), /ulimit -n/],
  ['too many files of the system', failure('ENFILE'), /fs\.file-max/],
  [
    'a missing file',
    errorOf(() => readFileSync(join(dir, 'nothing'))),
    /nothing does not exist\. Run the command in the folder/,
  ],
  ['a folder for a file', errorOf(() => writeFileSync(dir, '')), /is a folder, not a file/],
  [
    'a file for a folder',
    errorOf(() => {
      writeFileSync(join(dir, 'file'), '');
      mkdirSync(join(dir, 'file/run'), { recursive: true });
    }),
    /is a file, not a folder/,
  ],
])('explains %s', (_name, error, text) => {
  expect(String(explainSystemError(error))).toMatch(text);
});

test.each([undefined, 'text', new Error('x'), failure('EWHATEVER'), failure('ENOENT')])(
  '%s has no explanation',
  (error) => {
    expect(explainSystemError(error)).toBeUndefined();
  },
);
