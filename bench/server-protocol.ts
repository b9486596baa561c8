// Messages between a measured server and the benchmark over the IPC channel of their processes.

/** Work and CPU time of the server since its start. */
export interface Progress {
  /** Number of accepted messages. */
  handled: number;
  /** CPU time of the process in microseconds. */
  cpuMicros: number;
}

/** Sends the port to the benchmark, and the progress on request. Exits when the benchmark exits. */
export function serveBenchmark(port: number, handled: () => number): void {
  process.on('message', () => {
    const { user, system } = process.cpuUsage();
    process.send?.({ handled: handled(), cpuMicros: user + system } satisfies Progress);
  });
  process.on('disconnect', () => process.exit());
  process.send?.({ port });
}
