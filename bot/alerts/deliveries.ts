// Memory of the signed requests that are still valid: each reaches a group once, however often it is posted.
import type { Platform } from '../domain/platform.ts';

/** Far above what Grafana sends while a signature is valid. */
const MAX_REQUESTS = 1_000;

export interface Delivery {
  /** The groups that have the alert. A repetition after a failure goes to the others only. */
  readonly delivered: Set<Platform>;
  /** Ends the attempt: the same request may be tried again for the groups that are left. */
  end(): void;
}

export interface Deliveries {
  /**
   * Begins an attempt. `reused`: the request was delivered to all `groups`, or is being delivered now. `full`: too many
   * requests are remembered to accept another one. Times in milliseconds since 1970.
   */
  begin(request: { signature: string; expiresAt: number; now: number; groups: number }): Delivery | 'reused' | 'full';
}

interface Remembered {
  expiresAt: number;
  delivered: Set<Platform>;
  isRunning: boolean;
}

/** In this process only: after a restart a request can be posted once more while its signature is valid. */
export function createDeliveries(most = MAX_REQUESTS): Deliveries {
  const requests = new Map<string, Remembered>();

  function forgetExpired(now: number): void {
    for (const [signature, { expiresAt }] of requests) if (expiresAt < now) requests.delete(signature);
  }

  return {
    begin({ signature, expiresAt, now, groups }) {
      forgetExpired(now);
      const known = requests.get(signature);
      if (known && (known.isRunning || known.delivered.size >= groups)) return 'reused';
      if (!known && requests.size >= most) return 'full';
      const request = known ?? { expiresAt, delivered: new Set(), isRunning: true };
      request.isRunning = true;
      requests.set(signature, request);
      return {
        delivered: request.delivered,
        end: () => {
          request.isRunning = false;
        },
      };
    },
  };
}
