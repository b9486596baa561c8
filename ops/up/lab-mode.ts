// Prepares the bot for the lab: generates credentials once, and builds the settings with the lab's addresses.

import { join } from 'node:path';
import type { Settings } from '../../bot/config/settings.ts';
import type { LabCredentials } from '../lab/credentials.ts';
import { readJson } from '../process/run-file.ts';
import { writePrivate } from '../process/write-private.ts';

/** File of the generated credentials, below the working directory. */
export const LAB_CREDENTIALS = 'data/lab/credentials.json';

/** Returns true if no platform has credentials, because the lab then stands in for the platforms. */
export function needsLab(settings: Settings): boolean {
  return Object.values(settings.apps).every((apps) => apps.length === 0);
}

type LabModule = typeof import('../lab/credentials.ts');

/**
 * Returns the settings that connect the bot to the lab. The lab's model is used only with `withModel`; the default is
 * the offline model.
 */
export async function labEnvironment(dir: string, { labPort, withModel }: { labPort: number; withModel: boolean }) {
  // Imported here because the container image has no lab.
  const lab = await import('../lab/credentials.ts');
  const urls = lab.labUrls(labPort);
  const all = Object.entries(lab.botEnvironment(loadOrCreateCredentials(dir, lab), urls));
  const chosen = all.filter(([name]) => withModel || !name.startsWith('MODEL_'));
  // The platforms are on this machine, so no other host needs to reach the bot.
  return { ...Object.fromEntries(chosen), HOST: '127.0.0.1' };
}

function loadOrCreateCredentials(dir: string, lab: LabModule): LabCredentials {
  const path = join(dir, LAB_CREDENTIALS);
  const kept = readJson(path);
  // The shape is not checked here, because the lab checks it when it starts.
  if (kept !== undefined) return kept as LabCredentials;
  const created = lab.generateCredentials();
  writePrivate(path, `${JSON.stringify(created, null, 2)}\n`);
  return created;
}
