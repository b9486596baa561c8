// What the supervisor knows of a platform's long connection: where it is, and how the two sides talk.

import type { CallbackResult } from './callback.ts';
import type { Platform } from './platform.ts';

/** One app's way to connect. */
export interface Protocol {
  platform: Platform;
  appId: string;
  /** Asks the platform for an address, which serves for one connection. Throws `ConnectionRejectedError` or `HttpClientError`. */
  locate(signal: AbortSignal): Promise<Place>;
}

export interface Place {
  /** Holds a ticket: never logged. */
  url: string;
  talk(wire: Wire): Talk;
}

/** What a talk may do with its connection. */
export interface Wire {
  send(data: string | Buffer): void;
  /** A ping of the WebSocket protocol itself, which the other side has to answer. */
  ping(): void;
  /** Gives the supervisor a reason to open another connection. */
  leave(reason: 'announced' | 'silent'): void;
  /** Resolves with whether it is kept durably, and so may be acknowledged. */
  take(verdict: CallbackResult): Promise<boolean>;
}

/** The platform's side of one connection. */
export interface Talk {
  pingEveryMs(): number;
  /** Asks for a sign of life; any frame counts as one. */
  ping(): void;
  /** Rejects when the frame cannot be read. */
  receive(data: Buffer): Promise<void>;
}

/** The platform answered, and gave no connection. */
export class ConnectionRejectedError extends Error {
  readonly code: string;
  /** Whether only the operator can change it: wrong credentials, long connections not switched on, too many of them. */
  readonly lasting: boolean;

  constructor(refusal: { code: string; message: string; lasting: boolean }) {
    super(refusal.message);
    this.code = refusal.code;
    this.lasting = refusal.lasting;
  }
}

/** Milliseconds. */
export interface Timing {
  /** Until an address is given, and again until the connection stands. */
  openMs: number;
  /** Between pings, where the platform leaves that to the client. */
  pingMs: number;
  /** Until a ping is answered. */
  pongMs: number;
  /** A connection that lived shorter than this was a flap. */
  stableMs: number;
  firstWaitMs: number;
  longestWaitMs: number;
  /** After a refusal that only the operator can change. */
  refusedWaitMs: number;
  /** For what is under way when a connection is given up. */
  drainMs: number;
}

export const TIMING: Timing = {
  openMs: 10_000,
  pingMs: 15_000,
  pongMs: 10_000,
  stableMs: 60_000,
  firstWaitMs: 1_000,
  longestWaitMs: 60_000,
  refusedWaitMs: 60_000,
  drainMs: 3_000,
};
