// Caches for ten minutes that a platform accepted our credentials, so that repeated runs use no quota.
import { createHmac, randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { z } from 'zod';
import type { CallMemory } from './ports.ts';

export const CALLS_KEPT_MS = 10 * 60_000;
const fileSchema = z.record(z.string(), z.object({ at: z.number(), salt: z.string(), secret: z.string() }));

interface CallMemoryOptions {
  /** A JSON file, created with mode 0600. It contains a salted digest of the secret, not the secret. */
  path: string;
  clock: { now(): number };
}

/**
 * Creates the cache. If the file cannot be read or written, there is no cached result, and the request is sent again.
 */
export function createCallMemory({ path, clock }: CallMemoryOptions): CallMemory {
  const read = async () => {
    const text = await readFile(path, 'utf8').catch(() => '{}');
    try {
      return fileSchema.parse(JSON.parse(text));
    } catch {
      return {};
    }
  };
  return {
    async recall(question, secret) {
      const entry = (await read())[question];
      if (!entry || digest(entry.salt, secret) !== entry.secret) return undefined;
      const age = clock.now() - entry.at;
      return age >= 0 && age < CALLS_KEPT_MS ? new Date(entry.at) : undefined;
    },
    async remember(question, secret) {
      const salt = randomBytes(16).toString('hex');
      const all = { ...(await read()), [question]: { at: clock.now(), salt, secret: digest(salt, secret) } };
      await mkdir(dirname(path), { recursive: true }).catch(() => undefined);
      await writeFile(path, JSON.stringify(all), { mode: 0o600 }).catch(() => undefined);
    },
  };
}

function digest(salt: string, secret: string): string {
  return createHmac('sha256', salt).update(secret).digest('hex');
}
