// Creates the name of a process among those that share the database.
import { newTraceId } from '../telemetry/ids.ts';

/**
 * Returns a name that is unique for any host, pid and clock. Shortens the host, because `lease_owner` has 64
 * characters.
 */
export function newOwner(host: string): string {
  return `${host.slice(-20)}:${process.pid}:${newTraceId()}`;
}
