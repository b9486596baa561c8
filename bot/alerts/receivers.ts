// Creates the alert receivers: one group robot for each platform whose webhook is set.
import { setTimeout as sleep } from 'node:timers/promises';
import type { AlertReceiver } from '../domain/alert.ts';
import type { PlatformDeps } from '../platforms/platform-descriptor.ts';
import { descriptors } from '../platforms/registry.ts';
import { createSendWindow } from './send-window.ts';

/** Maximum delay of one alert by its rate limit. Grafana waits for the answer and retries later. */
const MAX_WAIT_MS = 3_000;

/** Creates one rate-limited receiver for each webhook that is set. */
export function createAlertReceivers(deps: PlatformDeps): AlertReceiver[] {
  return descriptors().flatMap(({ alerts }) => {
    const receiver = alerts?.createReceiver(deps);
    return receiver ? [paced(receiver)] : [];
  });
}

/** Delays an alert until the platform's rates allow it, and rejects one that would wait too long. */
function paced({ platform, rates, deliver }: AlertReceiver): AlertReceiver {
  const window = createSendWindow(rates);
  return {
    platform,
    rates,
    async deliver(alert) {
      const pause = window(MAX_WAIT_MS);
      if (pause === undefined) {
        return { class: 'rate_limited', code: 'PACED', hint: 'Too many alerts at once. Group them in Grafana.' };
      }
      if (pause > 0) await sleep(pause, undefined, { ref: false });
      return deliver(alert);
    },
  };
}
