// Identifies a process beyond its pid, so that a process that reuses the pid is never signalled.

import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { printable } from '../../bot/telemetry/printable.ts';

/**
 * Returns an identity made of the boot id and the start time, which no other process with this pid shares. Returns
 * undefined if no such process runs. A zombie counts as ended.
 */
export function processIdentity(pid: number): string | undefined {
  return existsSync('/proc/self/stat') ? identityFromProc(pid) : identityFromPs(pid);
}

/**
 * Returns the command line of a process in one line of at most 120 characters. Returns undefined if it may not be read.
 */
export function commandLine(pid: number): string | undefined {
  const text = readText(`/proc/${pid}/cmdline`)?.split('\0').join(' ').trim();
  return text ? printable(text).slice(0, 120) : undefined;
}

function identityFromProc(pid: number): string | undefined {
  const stat = readText(`/proc/${pid}/stat`);
  if (stat === undefined) return undefined;
  // The second field is the program's name in parentheses and may itself contain spaces and parentheses.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [state, startTicks] = [fields[0], fields[19]];
  if (state === 'X' || (state === 'Z' && !hasOtherThreads(pid))) return undefined;
  return `${readText('/proc/sys/kernel/random/boot_id')?.trim()} ${startTicks}`;
}

/** The first thread may already be a zombie while other threads still hold the ports and files of the process. */
function hasOtherThreads(pid: number): boolean {
  try {
    return readdirSync(`/proc/${pid}/task`).length > 1;
  } catch {
    return false;
  }
}

function identityFromPs(pid: number): string | undefined {
  try {
    const line = execFileSync('ps', ['-o', 'state=,lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim();
    return line === '' || line.startsWith('Z') ? undefined : line.replace(/^\S+\s+/, '');
  } catch {
    return undefined; // ps ends with 1 if no such process runs
  }
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
