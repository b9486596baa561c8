// Creates the metrics of one bot in their own registry, including the metrics of the process.
import { collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import { createInstruments, type Instruments, type MetricsPlatform, PREFIX } from './instruments.ts';
import { cpuLimitCores, memoryLimitBytes } from './limits-of-process.ts';
import { addStateGauges, type StateSources } from './state-gauges.ts';

export type { PoolFacts, QueueFacts } from './state-gauges.ts';

export interface MetricsOptions extends StateSources {
  version: string;
  commit: string;
  sessionsLimit: number;
  /** Platforms that the labels name, with the routes of their callbacks. */
  platforms: readonly MetricsPlatform[];
  /** Names of the models that may be called, the only values of the label `model`. */
  models: readonly string[];
}

export type Metrics = Instruments & {
  registry: Registry;
  /** Clears the registry. The metrics cannot be read afterwards. */
  stop(): void;
};

function addConstants(registry: Registry, { version, commit, sessionsLimit }: MetricsOptions): void {
  const constants: [string, string, number][] = [
    ['sessions_limit', 'Concurrent sessions the installation is meant for.', sessionsLimit],
    ['cpu_limit_cores', 'CPU cores this process may use.', cpuLimitCores()],
    ['memory_limit_bytes', 'Memory this process may use.', memoryLimitBytes()],
  ];
  for (const [name, help, value] of constants) {
    new Gauge({ name: PREFIX + name, help, registers: [registry] }).set(value);
  }
  const labelNames = ['version', 'commit'];
  const help = 'Always 1; the labels are the running version and commit.';
  new Gauge({ name: `${PREFIX}build_info`, help, labelNames, registers: [registry] }).set({ version, commit }, 1);
}

/** Creates all metrics in their own registry, so that several bots in one process (tests) do not share series. */
export function createMetrics(options: MetricsOptions): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const instruments = createInstruments(registry, options);
  addStateGauges(registry, options);
  addConstants(registry, options);
  return { ...instruments, registry, stop: () => registry.clear() };
}
