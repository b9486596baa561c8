// Limits the messages per minute of a person and of a tenant.
import { hash } from 'node:crypto';
import { createBatch, WRITE_INTERVAL_MS } from '../store/batch.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import { createRateCounter, type RateCounterOptions } from './count-in-windows.ts';

export interface LimitedMessage {
  tenantId: string;
  /** Messages per minute; 0 is no limit. */
  tenantLimit: number;
  /** Key of the person, unique over all platforms, organisations and apps. */
  senderKey: string;
}

export interface ExceededLimit {
  scope: 'tenant' | 'sender';
  /** True for the first message over the limit, which gets a reply. Further messages of the same window get none. */
  notice: boolean;
}

export interface Limits {
  /**
   * Counts a message. Resolves with the exceeded limit; undefined if the message is within the limits. A message over
   * the limit of its sender does not count for its tenant, so that one person cannot use up the limit of all others.
   */
  check(message: LimitedMessage): Promise<ExceededLimit | undefined>;
}

export interface LimitsOptions extends RateCounterOptions {
  /** Messages per minute; 0 is no limit. */
  senderLimit: number;
  metrics?: Pick<Metrics, 'rateLimited'>;
}

interface LimitedKey {
  key: string;
  /** Messages per minute; 0 is not counted. */
  limit: number;
}

export function createLimits({ senderLimit, metrics, ...options }: LimitsOptions): Limits {
  const count = createRateCounter(options);

  /** Resolves with the number of messages that each key is over its limit. */
  async function excess(counts: LimitedKey[]): Promise<number[]> {
    const numbers = await count(counts.filter(({ limit }) => limit > 0).map(({ key }) => key));
    return counts.map(({ limit }) => (limit > 0 ? Math.max(0, (numbers.shift() ?? 0) - limit) : 0));
  }

  // Messages are counted in batches. A batch needs two statements, independent of its size.
  const check = createBatch(
    async (messages: LimitedMessage[]) => {
      const bySender = await excess(messages.map((message) => ({ key: senderWindow(message), limit: senderLimit })));
      const byTenant = await excess(
        messages.map(({ tenantId, tenantLimit }, i) => ({
          key: `tenant:${tenantId}`,
          limit: bySender[i] ? 0 : tenantLimit,
        })),
      );
      return messages.map((_, i) => exceededLimit('sender', bySender[i]) ?? exceededLimit('tenant', byTenant[i]));
    },
    { intervalMs: WRITE_INTERVAL_MS },
  );

  return {
    async check(message) {
      const exceeded = await check(message);
      if (exceeded) metrics?.rateLimited.inc({ scope: exceeded.scope });
      return exceeded;
    },
  };
}

/** Returns the key of the window. It is a hash, because platform ids can be longer than the column. */
function senderWindow({ senderKey }: LimitedMessage): string {
  return `sender:${hash('sha256', senderKey).slice(0, 40)}`;
}

function exceededLimit(scope: ExceededLimit['scope'], excess = 0): ExceededLimit | undefined {
  return excess > 0 ? { scope, notice: excess === 1 } : undefined;
}
