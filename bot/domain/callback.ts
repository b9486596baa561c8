// A platform's callback, and the results of checking it.
import type { InboundMessage } from './message.ts';

/** A callback before its body is read. Header names in lower case. */
export interface CallbackHead {
  headers: Record<string, string | undefined>;
  query: Record<string, string | undefined>;
  /** Milliseconds since 1970. */
  now: number;
}

/** A callback as received over HTTP. */
export interface CallbackRequest extends CallbackHead {
  /** The bytes as received: signatures cover these, never a re-serialised body. */
  rawBody: Buffer;
}

/** Result for the head alone: a rejection that no body could change, or the conditions for reading the body. */
export type Screening = { reason: RejectedReason } | BodyTerms;

export interface BodyTerms {
  /** A longer body, in bytes, is rejected. */
  maxBytes: number;
  /** True when the head alone proves the sender: under pressure such a body is read before others. */
  proven: boolean;
}

/** Maximum body in bytes of a callback that carries a signature. Feishu's largest events are far below. */
export const SIGNED_BODY_BYTES = 1_048_576;
/** Maximum body in bytes without a signature: the address check of a platform that signs everything else. */
export const UNSIGNED_BODY_BYTES = 16_384;

/** Classification of one callback; `body` is the platform's expected answer. */
export type CallbackResult =
  | { kind: 'message'; message: InboundMessage; body: object }
  | { kind: 'challenge'; reason: 'url_verification' | 'check_url'; appId: string; body: object }
  | { kind: 'ignored'; reason: PlatformIgnoredReason; appId: string; messageId?: string; body: object }
  | { kind: 'rejected'; reason: RejectedReason };

/** HTTP status of the answer to each rejection. */
export const rejectedStatus = {
  malformed_json: 400,
  malformed_event: 400,
  incomplete_body: 400,
  missing_signature: 401,
  signature_mismatch: 401,
  signature_reused: 401,
  stale_timestamp: 401,
  token_mismatch: 401,
  decrypt_failed: 401,
  unknown_app: 403,
  long_connection_only: 403,
  too_large: 413,
  unsupported_media_type: 415,
  overloaded: 503,
} as const;
export type RejectedReason = keyof typeof rejectedStatus;

/**
 * Reasons for ignoring a genuine callback. `not_text`: a kind of message without a name here. `unused_event_type`: known,
 * such as read receipts, and of no use here. `unknown_tenant`: the organisation is bound to no tenant.
 */
export const IGNORED_REASONS = [
  'unknown_event_type',
  'unused_event_type',
  'not_text',
  'empty_text',
  'not_mentioned',
  'bot_sender',
  'unknown_tenant',
] as const;
export type IgnoredReason = (typeof IGNORED_REASONS)[number];
/** Reasons that a platform's code can find by itself: tenants are known only to the intake. */
export type PlatformIgnoredReason = Exclude<IgnoredReason, 'unknown_tenant'>;

export const CALLBACK_OUTCOMES = ['accepted', 'challenge', 'duplicate', 'ignored', 'rejected', 'error'] as const;
export type CallbackOutcome = (typeof CALLBACK_OUTCOMES)[number];
