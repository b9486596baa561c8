// Finds the process of the bot.
import type { CheckContext } from '../engine/check.ts';
import { readFact } from '../facts.ts';

/** Returns the process id of the bot from `proc.up`, or undefined if it does not run. Needs `proc.up` in `after`. */
export function botPid({ dep }: Pick<CheckContext, 'dep'>): number | undefined {
  return readFact(dep('proc.up'), 'proc.up.pid');
}
