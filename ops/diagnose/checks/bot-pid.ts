// Finds the process of the bot.
import type { CheckContext } from '../engine/check.ts';

/** Returns the process id of the bot from `proc.up`, or undefined if it does not run. Needs `proc.up` in `after`. */
export function botPid({ dep }: Pick<CheckContext, 'dep'>): number | undefined {
  const pid = dep('proc.up').facts.find(({ key }) => key === 'proc.up.pid')?.value;
  return typeof pid === 'number' ? pid : undefined;
}
