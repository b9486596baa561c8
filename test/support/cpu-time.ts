// Processor time of a piece of work: unlike the clock on the wall, other programs do not lengthen it.

/** Runs `work` to its end and returns the milliseconds of processor time that this process used meanwhile. */
export function cpuMilliseconds(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}
