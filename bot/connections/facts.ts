// State of a long connection for `/status` and readiness.
import type { Platform } from '../domain/platform.ts';

/** Times are ISO 8601. Null means that the event has not happened, or that the state does not apply now. */
export interface ConnectionFacts {
  platform: Platform;
  appId: string;
  up: boolean;
  connectedSince: string | null;
  downSince: string | null;
  /** Time of the last frame of the platform, pongs included. */
  lastFrameAt: string | null;
  /** Time of the last event that was stored durably. */
  lastEventAt: string | null;
  /** Connections opened after the first one. */
  restarts: number;
  /** Failed attempts, and connections that were lost without an announcement. */
  failures: number;
  /** Connections that ended within a minute. */
  flaps: number;
  lastError: string | null;
}
