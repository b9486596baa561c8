// Stores the record of a background process in data/run: command, process identity and fingerprints of the settings.

import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { errorCode } from './error-code.ts';
import { processIdentity } from './identity.ts';
import { writePrivate } from './write-private.ts';

const runSchema = z.object({
  name: z.string(),
  pid: z.number().int().positive(),
  /** Result of `processIdentity`. Guards against a reused pid. */
  identity: z.string(),
  startedAt: z.string(),
  command: z.string(),
  listens: z.array(z.object({ host: z.string(), port: z.number(), setting: z.string() })),
  readyUrl: z.string(),
  /** Setting name → fingerprint of the value with which the process was started. */
  fingerprints: z.record(z.string(), z.string()),
  /** Milliseconds between SIGTERM and SIGKILL. */
  graceMs: z.number(),
});

export type Run = z.infer<typeof runSchema>;

/** Folder of the records, below the working directory. */
export const RUN_DIR = 'data/run';

export function isRunning(run: Run): boolean {
  return processIdentity(run.pid) === run.identity;
}

/** Returns the record if its process still runs. */
export function findRunning(dir: string, name: string): Run | undefined {
  const run = readRun(dir, name);
  return run && isRunning(run) ? run : undefined;
}

/** Returns the stored record, even if its process has ended. */
export function readRun(dir: string, name: string): Run | undefined {
  return runSchema.safeParse(readJson(runPath(dir, name))).data;
}

export function writeRun(dir: string, run: Run): void {
  writePrivate(runPath(dir, run.name), `${JSON.stringify(run, null, 2)}\n`);
}

export function deleteRun(dir: string, name: string): void {
  rmSync(runPath(dir, name), { force: true });
}

/**
 * Returns the parsed file, or undefined if it is missing or damaged.
 * @throws the system's error if this user may not read the file; otherwise a bot started by root would count as not
 * running
 */
export function readJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    if (errorCode(error) === 'EACCES' || errorCode(error) === 'EPERM') throw error;
    return undefined;
  }
}

function runPath(dir: string, name: string): string {
  return join(dir, RUN_DIR, `${name}.json`);
}
