// What this process saw last on each platform, for `/status`.
import type { PushNote } from './outbox/send-row.ts';
import type { Metrics } from './telemetry/metrics.ts';
import { PLATFORMS, type Platform } from './telemetry/names.ts';

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
  const board = new Map<Platform, Seen>(
    PLATFORMS.map((platform) => [platform, { lastInboundAt: null, lastPush: null }]),
  );
  const of = (platform: Platform): Seen => board.get(platform) ?? { lastInboundAt: null, lastPush: null };
  return {
    of,
    seen(platform) {
      const now = clock();
      metrics.inboundLastSeen.set({ platform }, now / 1000);
      board.set(platform, { ...of(platform), lastInboundAt: new Date(now).toISOString() });
    },
    pushed(platform, note) {
      board.set(platform, { ...of(platform), lastPush: note });
    },
  };
}
