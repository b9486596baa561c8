// Names a process among those that share the database.
import { newTraceId } from '../telemetry/ids.ts';

/** No two alike, whatever their host, pid and clock; a host's name can be longer than `lease_owner`, which takes 64 characters. */
export function newOwner(host: string): string {
  return `${host.slice(-20)}:${process.pid}:${newTraceId()}`;
}
