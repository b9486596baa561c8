// Defines an alert, and the receiver that delivers it to a group.
import type { PushErrorClass, Rate } from './delivery.ts';
import type { Platform } from './platform.ts';

export interface Alert {
  text: string;
  /** Key for idempotency: the same for all attempts of one notification. */
  key: string;
}

/** Rejection of an alert by a group. `hint` is for the operator and contains the platform's message if there is one. */
export interface AlertRejection {
  class: PushErrorClass;
  code: string;
  hint: string;
}

export interface AlertReceiver {
  platform: Platform;
  /** Rate limits of the platform for one group robot. All of them apply. */
  rates: readonly Rate[];
  /** Resolves with undefined if the group accepted the alert. Rejects with `HttpClientError` if there is no answer. */
  deliver(alert: Alert): Promise<AlertRejection | undefined>;
}
