// What this process saw last on each platform, for `/status`.
import type { PushNote } from './outbox/send-row.ts';
import type { Metrics } from './telemetry/metrics.ts';
import type { Platform } from './telemetry/names.ts';

export interface Seen {
  lastInboundAt: string | null;
  lastPush: PushNote | null;
}

export interface Activity {
  /** A genuine callback came in. */
  seen(platform: Platform): void;
  pushed(platform: Platform, note: PushNote): void;
  of(platform: Platform): Seen;
}

export function createActivity(metrics: Metrics, clock: () => number): Activity {
  const inbound = new Map<Platform, number>();
  const pushes = new Map<Platform, PushNote>();
  return {
    of(platform) {
      const at = inbound.get(platform);
      const lastInboundAt = at === undefined ? null : new Date(at).toISOString();
      return { lastInboundAt, lastPush: pushes.get(platform) ?? null };
    },
    seen(platform) {
      const now = clock();
      metrics.inboundLastSeen.set({ platform }, now / 1000);
      inbound.set(platform, now);
    },
    pushed(platform, note) {
      pushes.set(platform, note);
    },
  };
}
