// A failure in one line, without saying anything twice.
import type { Failure } from '../facts.ts';

/** System messages often hold the code and the address already. */
export function describeFailure({ endpoint, code, message }: Failure): string {
  if (!message.includes(code)) return `${endpoint}: ${code}, ${message}`;
  return message.includes(endpoint) ? message : `${endpoint}: ${message}`;
}
