// Writes a file that only its owner may read, whole or not at all.

import { chmodSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/** Creates or replaces a file with mode 0600; a reader sees the old text or the new, never half of it. */
export function writePrivate(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  const draft = `${path}.${process.pid}.tmp`;
  writeFileSync(draft, text, { mode: 0o600 });
  chmodSync(draft, 0o600); // a draft left by a crash keeps its old mode when it is written again
  renameSync(draft, path);
}
