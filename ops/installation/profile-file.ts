// Remembers which profile runs here, so that down, status and logs need not be told.

import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { PROFILES, type Profile } from '../../bot/config/settings.ts';
import { findRunning, RUN_DIR, readJson } from '../process/run-file.ts';
import { writePrivate } from '../process/write-private.ts';

/** Names of the background processes of the embedded profile, in the order in which they are started. */
export const EMBEDDED_SERVICES = ['lab', 'bot'] as const;

const profilePath = (dir: string) => join(dir, RUN_DIR, 'profile.json');

export function rememberProfile(dir: string, profile: Profile): void {
  writePrivate(profilePath(dir), `${JSON.stringify({ profile, startedAt: new Date().toISOString() }, null, 2)}\n`);
}

export function forgetProfile(dir: string): void {
  rmSync(profilePath(dir), { force: true });
}

/**
 * The profile that was started here and not taken down. The embedded one counts while one of its processes
 * runs; containers come back by themselves after a reboot, so a compose profile counts until `down`.
 */
export function runningProfile(dir: string): Profile | undefined {
  const saved = readJson(profilePath(dir));
  const name = typeof saved === 'object' && saved !== null && 'profile' in saved ? saved.profile : undefined;
  const profile = PROFILES.find((known) => known === name);
  if (profile === 'lite' || profile === 'full') return profile;
  return EMBEDDED_SERVICES.some((service) => findRunning(dir, service)) ? 'embedded' : undefined;
}
