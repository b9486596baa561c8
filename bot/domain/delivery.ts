// Defines the part of a reply that is sent to a platform, and the result of sending it.

/** One part of a reply. */
export interface OutboundPart {
  appId: string;
  target: unknown;
  /** Markdown of the model, split by `Channel.split`. */
  text: string;
  /** Platform id of the progress message that this part replaces. */
  replaces?: string;
  /** If true, the text is sent without rendering, because an earlier attempt threw an error. */
  plain?: boolean;
  /** At most 50 characters, the same for all attempts of this part. */
  idempotencyKey: string;
  /** Milliseconds since 1970. */
  now: number;
}

/** Thrown if a part could not be rendered. Nothing was sent. The text can be sent with `OutboundPart.plain`. */
export class RenderError extends Error {
  constructor(cause: unknown) {
    super('The part could not be rendered.', { cause });
    this.name = 'RenderError';
  }
}

/**
 * Fates of a part, in results, rows, metrics, logs and reports. `retrying`: a retry can succeed and cannot send twice.
 * `unknown`: the request was sent, and no answer shows whether the platform accepted it. `dead`: given up.
 */
export const FATES = ['sent', 'retrying', 'unknown', 'dead'] as const;
export type Fate = (typeof FATES)[number];

/** Result of one attempt. The outbox turns `retrying` into `dead` after the last attempt. */
export type SendResult =
  | { outcome: 'sent'; platformMessageId: string; logId?: string }
  | { outcome: Exclude<Fate, 'sent'>; failure: SendFailure };

export interface SendFailure {
  class: PushErrorClass;
  /** Request that failed: for the access token, or for the message. */
  stage: 'token' | 'send';
  /** Code of the platform or of the operating system. */
  code: string;
  /** Message of the platform, shortened. */
  message: string;
  /** Id of the request in the platform's logs, for its support. */
  logId?: string;
  retryAfterMs?: number;
}

/** At most `messages` within `perMs` milliseconds. */
export interface Rate {
  messages: number;
  perMs: number;
}

export const PUSH_ERROR_CLASSES = [
  'credentials',
  'signature',
  'permission',
  'ip_denied',
  'rate_limited',
  'quota',
  'target_gone',
  'too_large',
  'content_rejected',
  'bad_request',
  'token_expired',
  'session_expired',
  'network',
  'timeout',
  'platform_error',
  'unknown',
] as const;
export type PushErrorClass = (typeof PUSH_ERROR_CLASSES)[number];

/**
 * States of a row that are counted in metrics and reports: unfinished parts, and parts that wait for an operator. A row
 * can also be `sent` or `dropped`.
 */
export const OUTBOX_STATES = ['pending', 'sending', 'unknown', 'dead'] as const;
export type OutboxState = (typeof OUTBOX_STATES)[number];
