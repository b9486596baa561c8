// Gauges read at a scrape: queues, sessions, connections, last callbacks. A failed read only omits its gauges.
import { Counter, Gauge, type Registry } from 'prom-client';
import { OUTBOX_STATES, type OutboxState } from '../domain/delivery.ts';
import type { Platform } from '../domain/platform.ts';
import { type MetricsPlatform, PREFIX } from './instruments.ts';
import { POOL_STATES } from './labels.ts';

/** Depths and ages of the queues. Ages are in seconds, and 0 if the queue is empty. */
export interface QueueFacts {
  inboxDepth: number;
  inboxOldestAgeSeconds: number;
  outboxDepth: Record<OutboxState, number>;
  outboxOldestAgeSeconds: number;
  sessionsActive: number;
}

/** Connections of the database pool. */
export interface PoolFacts {
  used: number;
  free: number;
  waiting: number;
  max: number;
}

export interface StateSources {
  readQueues?: (() => Promise<QueueFacts>) | undefined;
  readPool?: (() => PoolFacts) | undefined;
  /** Returns the time of the last genuine callback, in milliseconds since 1970. */
  readLastInbound?: ((platform: Platform) => number | undefined) | undefined;
}

/** Maximum wait of a scrape for the database, in milliseconds. The default timeout of Prometheus is 10 s. */
const READ_TIMEOUT_MS = 2000;

async function withinTime<T>(work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('Reading the state timed out.')), READ_TIMEOUT_MS);
  });
  return await Promise.race([work, late]).finally(() => clearTimeout(timer));
}

/** Returns a function whose concurrent calls share one read, so that the gauges of a scrape read once. */
function shared<T>(read: () => Promise<T>): () => Promise<T | undefined> {
  let running: Promise<T | undefined> | undefined;
  return () => {
    running ??= read()
      .catch(() => undefined)
      .finally(() => {
        running = undefined;
      });
    return running;
  };
}

const NO_QUEUES: QueueFacts = {
  inboxDepth: 0,
  inboxOldestAgeSeconds: 0,
  outboxDepth: { pending: 0, sending: 0, unknown: 0, dead: 0 },
  outboxOldestAgeSeconds: 0,
  sessionsActive: 0,
};

const QUEUE_GAUGES: [string, string, (facts: QueueFacts) => number][] = [
  ['inbox_depth', 'Messages accepted and not yet answered.', (facts) => facts.inboxDepth],
  ['inbox_oldest_age_seconds', 'Age of the oldest message not yet answered.', (facts) => facts.inboxOldestAgeSeconds],
  ['outbox_oldest_age_seconds', 'Age of the oldest reply not yet sent.', (facts) => facts.outboxOldestAgeSeconds],
  ['sessions_active', 'Conversations that have not timed out.', (facts) => facts.sessionsActive],
];

/** Adds the gauges to the registry. Failed reads are counted in `state_read_errors_total`. */
export function addStateGauges(
  registry: Registry,
  { platforms, readQueues, readPool, readLastInbound }: StateSources & { platforms: readonly MetricsPlatform[] },
): void {
  const registers = [registry];
  const errors = new Counter({
    name: `${PREFIX}state_read_errors_total`,
    help: 'Scrapes that omitted a state, because it could not be read.',
    labelNames: ['state'],
    registers,
  });
  for (const state of ['queues', 'pool']) errors.inc({ state }, 0);

  const queues = shared(async () => {
    try {
      return readQueues === undefined ? NO_QUEUES : await withinTime(readQueues());
    } catch (error) {
      errors.inc({ state: 'queues' });
      throw error;
    }
  });
  for (const [name, help, pick] of QUEUE_GAUGES) {
    new Gauge({
      name: PREFIX + name,
      help,
      registers,
      async collect() {
        const facts = await queues();
        if (facts === undefined) this.remove();
        else this.set(pick(facts));
      },
    });
  }
  new Gauge({
    name: `${PREFIX}outbox_depth`,
    help: 'Reply parts not yet sent, by state.',
    labelNames: ['state'],
    registers,
    async collect() {
      const facts = await queues();
      if (facts === undefined) this.reset();
      else for (const state of OUTBOX_STATES) this.set({ state }, facts.outboxDepth[state]);
    },
  });
  new Gauge({
    name: `${PREFIX}db_pool_connections`,
    help: 'Connections of the database pool; waiting counts callers without one.',
    labelNames: ['state'],
    registers,
    collect() {
      this.reset();
      try {
        const facts = readPool?.() ?? { used: 0, free: 0, waiting: 0, max: 0 };
        for (const state of POOL_STATES) this.set({ state }, facts[state]);
      } catch {
        errors.inc({ state: 'pool' });
      }
    },
  });
  new Gauge({
    name: `${PREFIX}inbound_last_seen_timestamp_seconds`,
    help: 'Unix time of the last genuine callback; 0 if never.',
    labelNames: ['platform'],
    registers,
    collect() {
      for (const { id: platform } of platforms) this.set({ platform }, (readLastInbound?.(platform) ?? 0) / 1000);
    },
  });
}
