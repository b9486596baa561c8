// One part of a reply on its way to a platform, and the result of sending it.

/** One part of a reply. */
export interface OutboundPart {
  appId: string;
  target: unknown;
  /** Markdown, as the model writes it, cut by `split`. */
  text: string;
  /** Platform id of the progress message that this part replaces. */
  replaces?: string;
  /** Sends the text as it is, without rendering: an earlier attempt threw `RenderError`. */
  plain?: boolean;
  /** At most 50 characters; the same for every attempt of this part. */
  idempotencyKey: string;
  /** Milliseconds since 1970. */
  now: number;
}

/** A part could not be rendered, so nothing of it was sent: its text can still go as it is, see `OutboundPart.plain`. */
export class RenderError extends Error {
  constructor(cause: unknown) {
    super('The part could not be rendered.', { cause });
    this.name = 'RenderError';
  }
}

export type SendResult =
  | { outcome: 'sent'; platformMessageId: string; logId?: string }
  /** `retry`: repeating can help and cannot send twice. `unknown`: it may have been sent. `failed`: repeating is useless. */
  | { outcome: 'retry' | 'unknown' | 'failed'; failure: SendFailure };

export interface SendFailure {
  class: PushErrorClass;
  /** Whether the platform rejected the access token or the message itself. */
  stage: 'token' | 'send';
  /** The platform's own code, or the system's. */
  code: string;
  /** The platform's own message, shortened. */
  message: string;
  /** The platform's id of this call, for its support. */
  logId?: string;
  retryAfterMs?: number;
}

/** At most `messages` within `perMs` milliseconds. */
export interface Rate {
  messages: number;
  perMs: number;
}

/** `unknown`: the request was sent, and no answer says whether the platform accepted it. */
export const PUSH_OUTCOMES = ['sent', 'retried', 'failed', 'unknown'] as const;
export type PushOutcome = (typeof PUSH_OUTCOMES)[number];

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

export const OUTBOX_STATES = ['pending', 'sending', 'unknown', 'dead'] as const;
export type OutboxState = (typeof OUTBOX_STATES)[number];
