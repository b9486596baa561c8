// Interface between the connection supervisor and a platform's long-connection protocol.

import type { CallbackResult } from './callback.ts';
import type { Platform } from './platform.ts';

/** Protocol of one app's long connection. */
export interface Protocol {
  platform: Platform;
  appId: string;
  /**
   * Requests an endpoint from the platform. It is valid for one connection. Rejects with `ConnectionRejectedError` or
   * `HttpClientError`.
   */
  requestEndpoint(signal: AbortSignal): Promise<ConnectionEndpoint>;
}

export interface ConnectionEndpoint {
  /** Contains a ticket, so it must not be logged. */
  url: string;
  createSession(transport: SessionTransport): ConnectionSession;
}

/** Operations of a session on its connection. */
export interface SessionTransport {
  send(data: string | Buffer): void;
  /** Sends a ping frame of the WebSocket protocol. The platform must answer it. */
  ping(): void;
  /** Requests another connection from the supervisor. */
  requestReplacement(reason: 'announced' | 'silent'): void;
  /** Stores the result of an event. Resolves with true if it was stored durably and may be acknowledged. */
  store(result: CallbackResult): Promise<boolean>;
}

/** Platform-specific handling of one connection. */
export interface ConnectionSession {
  pingEveryMs(): number;
  /** Sends a ping. Any frame counts as its answer. */
  ping(): void;
  /** Processes a frame. Rejects if the frame cannot be parsed. */
  receive(data: Buffer): Promise<void>;
}

/** Thrown if the platform rejected the request for a connection. */
export class ConnectionRejectedError extends Error {
  readonly code: string;
  /** True if only the operator can fix it: wrong credentials, long connections disabled, too many connections. */
  readonly lasting: boolean;

  constructor(rejection: { code: string; message: string; lasting: boolean }) {
    super(rejection.message);
    this.code = rejection.code;
    this.lasting = rejection.lasting;
  }
}

/** Timeouts and delays of long connections, in milliseconds. */
export interface Timing {
  /** Timeout of the request for an endpoint, and of the handshake. */
  openMs: number;
  /** Interval between pings if the platform does not set one. */
  pingMs: number;
  /** Timeout for the answer to a ping. */
  pongMs: number;
  /** A connection with a shorter lifetime counts as a flap. */
  stableMs: number;
  /** Minimum delay after a failure. The maximum doubles with each failure in a row, up to `longestWaitMs`. */
  firstWaitMs: number;
  longestWaitMs: number;
  /** Delay after a lasting rejection. */
  rejectedWaitMs: number;
  /** Timeout for the frames in progress before a connection is closed. */
  drainMs: number;
}

export const TIMING: Timing = {
  openMs: 10_000,
  pingMs: 15_000,
  pongMs: 10_000,
  stableMs: 60_000,
  firstWaitMs: 1_000,
  longestWaitMs: 60_000,
  rejectedWaitMs: 60_000,
  drainMs: 3_000,
};
