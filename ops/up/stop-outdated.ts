// Decides which running processes `up` may keep, and stops the others.

import { EMBEDDED_SERVICES } from '../installation/profile-file.ts';
import { findRunning, forgetRun, type Run, readRun } from '../process/run-file.ts';
import { type Service, stopService } from '../process/service.ts';

/** Names of the settings that differ from those the process was started with; empty when it may stay. */
export function changedSince(run: Run, service: Service): string[] {
  const names = new Set([...Object.keys(run.fingerprints), ...Object.keys(service.fingerprints)]);
  return [...names].filter((name) => run.fingerprints[name] !== service.fingerprints[name]);
}

/** Leaves only those processes running that are wanted as they are, and says what it did and why. */
export async function stopOutdated(dir: string, services: Service[], say: (text: string) => void): Promise<void> {
  // The bot ends before the lab, so that it can still send what it has in hand.
  for (const name of [...EMBEDDED_SERVICES].reverse()) {
    const run = findRunning(dir, name);
    if (!run) {
      sayLost(dir, name, say);
      continue;
    }
    const service = services.find((candidate) => candidate.name === name);
    const reason = service ? restartReason(changedSince(run, service)) : 'it is no longer needed: stopping it';
    if (reason) await stopService(dir, run);
    say(
      reason
        ? `The ${name} was running (pid ${run.pid}), but ${reason}.`
        : `The ${name} is already running (pid ${run.pid}).`,
    );
  }
}

function restartReason(changed: string[]): string | undefined {
  return changed.length > 0 ? `changed since it was started: ${changed.join(', ')}. Restarting it` : undefined;
}

/** A record without its process: worth a word, because somebody will want to know why it ended. */
function sayLost(dir: string, name: string, say: (text: string) => void): void {
  const lost = readRun(dir, name);
  forgetRun(dir, name);
  if (lost) say(`The ${name} (pid ${lost.pid}) had ended without being stopped; its last words: data/log/${name}.out`);
}
