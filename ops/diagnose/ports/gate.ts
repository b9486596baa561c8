// Limits the open connections of the diagnosis: 32 in total and two per host.

/** A concurrency limit. */
export interface Gate {
  /** Runs the task as soon as both limits allow it. Settles like the task. */
  run<T>(host: string, task: () => Promise<T>): Promise<T>;
}

/** Creates a gate with a limit for all hosts and a limit for each host. */
export function createGate({ total = 32, perHost = 2 } = {}): Gate {
  const open = new Map<string, number>();
  const waiting: { host: string; start: () => void }[] = [];
  let all = 0;
  const hasRoom = (host: string) => all < total && (open.get(host) ?? 0) < perHost;

  function enter(host: string): void {
    all += 1;
    open.set(host, (open.get(host) ?? 0) + 1);
  }

  function leave(host: string): void {
    all -= 1;
    open.set(host, (open.get(host) ?? 1) - 1);
    const next = waiting.findIndex((entry) => hasRoom(entry.host));
    if (next < 0) return;
    const [entry] = waiting.splice(next, 1);
    if (!entry) return;
    enter(entry.host);
    entry.start();
  }

  return {
    async run(host, task) {
      if (hasRoom(host)) enter(host);
      else await new Promise<void>((start) => waiting.push({ host, start }));
      try {
        return await task();
      } finally {
        leave(host);
      }
    },
  };
}
