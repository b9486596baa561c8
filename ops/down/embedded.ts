// Stops the background processes of the embedded profile.

import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { EMBEDDED_SERVICES } from '../installation/profile-file.ts';
import { findRunning, forgetRun, RUN_DIR } from '../process/run-file.ts';
import { stopService } from '../process/service.ts';

/** Safe to repeat. Data stays. */
export async function downEmbedded(dir: string, say: (text: string) => void): Promise<void> {
  let count = 0;
  // The bot ends before the lab, so that it can still send what it has in hand.
  for (const name of [...EMBEDDED_SERVICES].reverse()) {
    const run = findRunning(dir, name);
    if (!run) {
      forgetRun(dir, name); // of a process that ended by itself
      continue;
    }
    count += 1;
    const outcome = await stopService(dir, run);
    const late = `Killed the ${name} (pid ${run.pid}): it had not ended ${run.graceMs / 1000} s after it was asked to.`;
    say(outcome === 'stopped' ? `Stopped the ${name} (pid ${run.pid}).` : `${late} See: make logs ARGS=${name}`);
  }
  rmSync(join(dir, RUN_DIR, 'environment.json'), { force: true });
  say(count === 0 ? 'Nothing that up started is running.' : `Data is kept in ${join(dir, 'data')}.`);
}
