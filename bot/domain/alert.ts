// An alert on its path to the team's group.
import type { PushErrorClass, Rate } from './delivery.ts';
import type { Platform } from './platform.ts';

export interface Alert {
  text: string;
  /** The same for every attempt at one notification. */
  key: string;
}

/** Reason why a group did not accept an alert; `hint` is for the operator, with the platform's message where it has one. */
export interface AlertRejection {
  class: PushErrorClass;
  code: string;
  hint: string;
}

export interface AlertReceiver {
  platform: Platform;
  /** Limits of the platform for one group robot; all hold at once. */
  rates: readonly Rate[];
  /** Resolves with undefined if the group accepted the alert. Rejects with `HttpClientError` without an answer. */
  deliver(alert: Alert): Promise<AlertRejection | undefined>;
}
