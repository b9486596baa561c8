// What a supervisor knows of its connection, for `/status` and readiness.
import type { Platform } from '../domain/platform.ts';

/** Times are ISO 8601; null is never, or not now. */
export interface ConnectionFacts {
  platform: Platform;
  appId: string;
  up: boolean;
  connectedSince: string | null;
  downSince: string | null;
  /** Anything the platform sent, answers to pings too. */
  lastFrameAt: string | null;
  /** Something that was taken for good. */
  lastEventAt: string | null;
  /** Connections opened after the first one. */
  restarts: number;
  /** Attempts that failed, and connections that were lost without notice. */
  failures: number;
  /** Connections that did not live for a minute. */
  flaps: number;
  lastError: string | null;
}
