// Describes a failure in one line, without repeated parts.
import type { Failure } from '../facts.ts';

/** Returns endpoint, code and message. Leaves out the code and the endpoint if the message already contains them. */
export function describeFailure({ endpoint, code, message }: Failure): string {
  if (!message.includes(code)) return `${endpoint}: ${code}, ${message}`;
  return message.includes(endpoint) ? message : `${endpoint}: ${message}`;
}
