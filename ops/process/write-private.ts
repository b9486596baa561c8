// Writes a file that only its owner may read, completely or not at all.

import { chmodSync, chownSync, mkdirSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Creates or replaces a file with mode 0600. A reader sees the old text or the new text, never a part. If root replaces
 * the file, as with `sudo make up`, it keeps its owner.
 */
export function writePrivate(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  const draft = `${path}.${process.pid}.tmp`;
  writeFileSync(draft, text, { mode: 0o600 });
  chmodSync(draft, 0o600); // a draft left by a crash keeps its old mode when it is rewritten
  const before = statSync(path, { throwIfNoEntry: false });
  if (before && process.getuid?.() === 0) chownSync(draft, before.uid, before.gid);
  renameSync(draft, path);
}
