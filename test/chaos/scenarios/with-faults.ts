// Switches faults of the lab on for some time.
import { setTimeout as sleep } from 'node:timers/promises';
import type { FaultName, Lab } from '../../../ops/lab/start-lab.ts';

/** Switches the faults on together, and off again after `ms`. */
export async function withFaults(lab: Lab, names: readonly FaultName[], ms: number): Promise<void> {
  for (const name of names) await lab.setFault(name, true);
  await sleep(ms);
  for (const name of names) await lab.setFault(name, false);
}
