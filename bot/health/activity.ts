// Keeps the time of the last callback and the last push per platform, for `/status` and the metrics.

import type { Platform } from '../domain/platform.ts';
import type { PushNote } from '../outbox/send-row.ts';

/** Last callback and last push on one platform, by this process. */
export interface PlatformActivity {
  lastInboundAt: string | null;
  lastPush: PushNote | null;
}

export interface Activity {
  /** Records a genuine callback. */
  seen(platform: Platform): void;
  /** Records the result of a push. */
  pushed(platform: Platform, note: PushNote): void;
  of(platform: Platform): PlatformActivity;
  /** Returns the time of the last genuine callback in milliseconds since 1970; undefined before the first one. */
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
