// What the lab needs when it stands in for the platforms: credentials made once, and its addresses.

import { join } from 'node:path';
import type { Settings } from '../../bot/config/settings.ts';
import type { LabCredentials } from '../lab/credentials.ts';
import { readJson } from '../process/run-file.ts';
import { writePrivate } from '../process/write-private.ts';

/** Where the made-up credentials are kept, below the working directory. */
export const LAB_CREDENTIALS = 'data/lab/credentials.json';

/** The lab stands in when no platform has credentials, and only then. */
export function needsLab(settings: Settings): boolean {
  return Object.values(settings.apps).every((apps) => apps.length === 0);
}

type LabModule = typeof import('../lab/credentials.ts');

/** Settings that make the bot talk to the lab. Its model takes part only when asked for: offline is the default. */
export async function labEnvironment(dir: string, { labPort, withModel }: { labPort: number; withModel: boolean }) {
  // Loaded here because the container image has no lab.
  const lab = await import('../lab/credentials.ts');
  const url = (offset: number) => `http://127.0.0.1:${labPort + offset}`;
  const urls = { page: url(0), feishu: url(1), dingtalk: url(2), model: url(3) };
  const all = Object.entries(lab.botEnvironment(keptCredentials(dir, lab), urls));
  const chosen = all.filter(([name]) => withModel || !name.startsWith('MODEL_'));
  // Nobody outside has business with a bot whose platforms are made up.
  return { ...Object.fromEntries(chosen), HOST: '127.0.0.1' };
}

function keptCredentials(dir: string, lab: LabModule): LabCredentials {
  const path = join(dir, LAB_CREDENTIALS);
  const kept = readJson(path);
  // Written below and by the lab itself, which checks the shape when it starts.
  if (kept !== undefined) return kept as LabCredentials;
  const made = lab.generateCredentials();
  writePrivate(path, `${JSON.stringify(made, null, 2)}\n`);
  return made;
}
