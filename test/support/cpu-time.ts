// Measures processor time. Unlike elapsed time, it does not depend on other programs.

/** Runs `work` and returns the milliseconds of processor time that this process used for it. */
export function cpuMilliseconds(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}
