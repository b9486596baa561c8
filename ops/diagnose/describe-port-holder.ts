// Describes a port that another program holds.
import type { PortHolder } from './facts.ts';

/** Returns a sentence fragment such as `port 3000 (PORT) is held by pid 17 (nginx)`. */
export function describePortHolder({ setting, port, pid, command }: PortHolder): string {
  const who = pid === 0 ? command : `pid ${pid} (${command})`;
  return `port ${port} (${setting}) is held by ${who}`;
}
