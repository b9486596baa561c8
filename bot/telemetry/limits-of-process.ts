// What this process may use: the limits of its control group, or of the machine where there is none.
import { readFileSync } from 'node:fs';
import { availableParallelism, totalmem } from 'node:os';

function readWords(path: string): string[] {
  try {
    return readFileSync(path, 'utf8').trim().split(/\s+/);
  } catch {
    return []; // no control group of this version: the next source is asked
  }
}

/** CPU cores this process may use at once, as a fraction where the limit is one. */
export function cpuLimitCores(root = '/sys/fs/cgroup'): number {
  const [quota2, period2] = readWords(`${root}/cpu.max`);
  const [quota1] = readWords(`${root}/cpu/cpu.cfs_quota_us`);
  const [period1] = readWords(`${root}/cpu/cpu.cfs_period_us`);
  const cores = Number(quota2 ?? quota1) / Number(period2 ?? period1);
  // "max" and -1 mean no limit; both fail this test.
  return cores > 0 ? Math.min(cores, availableParallelism()) : availableParallelism();
}

/** Bytes this process may use; Node reports a huge number where there is no limit. */
export function memoryLimitBytes(constrained = process.constrainedMemory(), total = totalmem()): number {
  return constrained > 0 ? Math.min(constrained, total) : total;
}
