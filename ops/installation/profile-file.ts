// Stores the running profile, so that down, status and logs find it.

import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { PROFILES, type Profile } from '../../bot/config/settings.ts';
import { findRunning, RUN_DIR, readJson } from '../process/run-file.ts';
import { writePrivate } from '../process/write-private.ts';

/** Names of the background processes of the embedded profile, in the order of their start. */
export const EMBEDDED_SERVICES = ['lab', 'bot'] as const;

const profilePath = (dir: string) => join(dir, RUN_DIR, 'profile.json');

export function saveProfile(dir: string, profile: Profile): void {
  writePrivate(profilePath(dir), `${JSON.stringify({ profile, startedAt: new Date().toISOString() }, null, 2)}\n`);
}

export function deleteProfile(dir: string): void {
  rmSync(profilePath(dir), { force: true });
}

/**
 * Returns the profile that was started here and not stopped. The embedded profile counts while one of its processes
 * runs. A compose profile counts until `down`, because its containers restart after a reboot.
 */
export function runningProfile(dir: string): Profile | undefined {
  const saved = readJson(profilePath(dir));
  const name = typeof saved === 'object' && saved !== null && 'profile' in saved ? saved.profile : undefined;
  const profile = PROFILES.find((known) => known === name);
  if (profile === 'lite' || profile === 'full') return profile;
  return EMBEDDED_SERVICES.some((service) => findRunning(dir, service)) ? 'embedded' : undefined;
}
