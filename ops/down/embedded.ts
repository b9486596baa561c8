// Stops the background processes of the embedded profile.

import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { EMBEDDED_SERVICES } from '../installation/profile-file.ts';
import { deleteRun, findRunning, RUN_DIR } from '../process/run-file.ts';
import { stopService } from '../process/service.ts';

/** Stops all processes. Safe to repeat. Data is kept. */
export async function downEmbedded(dir: string, report: (text: string) => void): Promise<void> {
  let count = 0;
  // The bot ends before the lab, so that it can still send its pending replies.
  for (const name of [...EMBEDDED_SERVICES].reverse()) {
    const run = findRunning(dir, name);
    if (!run) {
      deleteRun(dir, name); // the process ended by itself
      continue;
    }
    count += 1;
    const outcome = await stopService(dir, run);
    const late = `Killed the ${name} (pid ${run.pid}): it had not ended ${run.graceMs / 1000} s after it was asked to.`;
    report(outcome === 'stopped' ? `Stopped the ${name} (pid ${run.pid}).` : `${late} See: make logs ARGS=${name}`);
  }
  rmSync(join(dir, RUN_DIR, 'environment.json'), { force: true });
  report(count === 0 ? 'Nothing that up started is running.' : `Data is kept in ${join(dir, 'data')}.`);
}
