// Reads the CPU and memory limits of this process: those of its control group, otherwise those of the machine.
import { readFileSync } from 'node:fs';
import { availableParallelism, totalmem } from 'node:os';

function readFields(path: string): string[] {
  try {
    return readFileSync(path, 'utf8').trim().split(/\s+/);
  } catch {
    return []; // no control group of this version, so the caller reads the next source
  }
}

/** Returns the CPU cores that this process may use; a fraction is possible. `root` is the folder of control groups. */
export function cpuLimitCores(root = '/sys/fs/cgroup'): number {
  const [quota2, period2] = readFields(`${root}/cpu.max`);
  const [quota1] = readFields(`${root}/cpu/cpu.cfs_quota_us`);
  const [period1] = readFields(`${root}/cpu/cpu.cfs_period_us`);
  const cores = Number(quota2 ?? quota1) / Number(period2 ?? period1);
  // "max" and -1 mean no limit; both fail this test.
  return cores > 0 ? Math.min(cores, availableParallelism()) : availableParallelism();
}

/**
 * Returns the memory limit in bytes. If there is no limit, `process.constrainedMemory()` returns 0 or a huge number.
 */
export function memoryLimitBytes(constrained = process.constrainedMemory(), total = totalmem()): number {
  return constrained > 0 ? Math.min(constrained, total) : total;
}
