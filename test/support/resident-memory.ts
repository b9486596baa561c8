// Reads the resident memory of a process from the kernel.
import { readFileSync } from 'node:fs';

/** Returns `VmRSS` in bytes. Throws if the process has ended. */
export function residentBytes(pid: number): number {
  const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  if (kilobytes === undefined) throw new Error(`Process ${pid} has ended.`);
  return Number(kilobytes) * 1024;
}
