// What this process saw last on each platform, for `/status` and the metrics.

import type { Platform } from '../domain/platform.ts';
import type { PushNote } from '../outbox/send-row.ts';

export interface Seen {
  lastInboundAt: string | null;
  lastPush: PushNote | null;
}

export interface Activity {
  /** A genuine callback came in. */
  seen(platform: Platform): void;
  pushed(platform: Platform, note: PushNote): void;
  of(platform: Platform): Seen;
  /** Milliseconds since 1970 of the last genuine callback; undefined before the first one. */
  lastInbound(platform: Platform): number | undefined;
}

export function createActivity(clock: () => number): Activity {
  const inbound = new Map<Platform, number>();
  const pushes = new Map<Platform, PushNote>();
  return {
    of(platform) {
      const at = inbound.get(platform);
      const lastInboundAt = at === undefined ? null : new Date(at).toISOString();
      return { lastInboundAt, lastPush: pushes.get(platform) ?? null };
    },
    lastInbound: (platform) => inbound.get(platform),
    seen(platform) {
      inbound.set(platform, clock());
    },
    pushed(platform, note) {
      pushes.set(platform, note);
    },
  };
}
