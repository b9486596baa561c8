// What a measured server and the benchmark say to each other over the channel between their processes.

/** What the server has done and spent so far. */
export interface Progress {
  /** Genuine messages taken. */
  handled: number;
  /** Processor time of the process, in microseconds. */
  cpuMicros: number;
}

/** Tells the benchmark where this process listens, and how far it is whenever asked; ends with the benchmark. */
export function serveBenchmark(port: number, handled: () => number): void {
  process.on('message', () => {
    const { user, system } = process.cpuUsage();
    process.send?.({ handled: handled(), cpuMicros: user + system } satisfies Progress);
  });
  process.on('disconnect', () => process.exit());
  process.send?.({ port });
}
