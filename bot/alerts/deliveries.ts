// Remembers signed requests while their signatures are valid, so that a repeated request reaches each group once.
import type { Platform } from '../domain/platform.ts';

/** Maximum of remembered requests. Grafana sends far fewer while a signature is valid. */
const MAX_REQUESTS = 1_000;

export interface Delivery {
  /** Groups that accepted the alert. A repeated request after a failure is sent to the other groups only. */
  readonly delivered: Set<Platform>;
  /** Ends the attempt. The same request may then be sent again to the groups without the alert. */
  end(): void;
}

export interface Deliveries {
  /**
   * Begins an attempt. Returns `reused` if the request was delivered to all `groups` or is being delivered now. Returns
   * `full` if too many requests are remembered. Times are in milliseconds since 1970.
   */
  begin(request: { signature: string; expiresAt: number; now: number; groups: number }): Delivery | 'reused' | 'full';
}

interface RememberedRequest {
  expiresAt: number;
  delivered: Set<Platform>;
  isRunning: boolean;
}

/**
 * Remembers requests in this process only. After a restart, a request is accepted once more while its signature is
 * valid.
 */
export function createDeliveries(maxRequests = MAX_REQUESTS): Deliveries {
  const requests = new Map<string, RememberedRequest>();

  function deleteExpired(now: number): void {
    for (const [signature, { expiresAt }] of requests) if (expiresAt < now) requests.delete(signature);
  }

  return {
    begin({ signature, expiresAt, now, groups }) {
      deleteExpired(now);
      const known = requests.get(signature);
      if (known && (known.isRunning || known.delivered.size >= groups)) return 'reused';
      if (!known && requests.size >= maxRequests) return 'full';
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
