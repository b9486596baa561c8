// Stops running processes whose settings or program have changed.

import { EMBEDDED_SERVICES } from '../installation/profile-file.ts';
import { deleteRun, findRunning, type Run, readRun } from '../process/run-file.ts';
import { type Service, stopService } from '../process/service.ts';

/**
 * Returns the names of the settings that differ from those at the start of the process. If empty, the process may keep
 * running.
 */
export function changedSince(run: Run, service: Service): string[] {
  const names = new Set([...Object.keys(run.fingerprints), ...Object.keys(service.fingerprints)]);
  return [...names].filter((name) => run.fingerprints[name] !== service.fingerprints[name]);
}

/** Stops every process that is not wanted or has changed, and reports each decision with its reason. */
export async function stopOutdated(dir: string, services: Service[], report: (text: string) => void): Promise<void> {
  // The bot ends before the lab, so that it can still send its pending replies.
  for (const name of [...EMBEDDED_SERVICES].reverse()) {
    const run = findRunning(dir, name);
    if (!run) {
      reportLost(dir, name, report);
      continue;
    }
    const service = services.find((candidate) => candidate.name === name);
    const reason = service ? restartReason(changedSince(run, service)) : 'it is no longer needed: stopping it';
    if (reason) await stopService(dir, run);
    report(
      reason
        ? `The ${name} was running (pid ${run.pid}), but ${reason}.`
        : `The ${name} is already running (pid ${run.pid}).`,
    );
  }
}

function restartReason(changed: string[]): string | undefined {
  return changed.length > 0 ? `changed since it was started: ${changed.join(', ')}. Restarting it` : undefined;
}

/** Reports and deletes a record without its process, because the operator needs to know that it ended unexpectedly. */
function reportLost(dir: string, name: string, report: (text: string) => void): void {
  const lost = readRun(dir, name);
  deleteRun(dir, name);
  if (lost)
    report(`The ${name} (pid ${lost.pid}) had ended without being stopped; its last output: data/log/${name}.out`);
}
