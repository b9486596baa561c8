// Defines a platform's callback and the results of its verification.
import type { InboundMessage } from './message.ts';

/** A callback before its body is read. Header names are in lower case. */
export interface CallbackHead {
  headers: Record<string, string | undefined>;
  query: Record<string, string | undefined>;
  /** Milliseconds since 1970. */
  now: number;
}

/** A callback as received over HTTP. */
export interface CallbackRequest extends CallbackHead {
  /** Bytes as received, because signatures cover these bytes and not the parsed JSON. */
  rawBody: Buffer;
}

/**
 * Result of verifying the head: a rejection that does not depend on the body, or the conditions for reading the body.
 */
export type Screening = { reason: RejectedReason } | BodyTerms;

export interface BodyTerms {
  /** Maximum body in bytes. */
  maxBytes: number;
  /** True if the head proves the sender. Under load, the body is then read before others. */
  proven: boolean;
}

/** Maximum body in bytes of a callback that carries a signature. Feishu's largest events are far below. */
export const SIGNED_BODY_BYTES = 1_048_576;
/** Maximum body in bytes without a signature, which only a platform's verification of the request address needs. */
export const UNSIGNED_BODY_BYTES = 16_384;

/**
 * Retention of the ids of finished messages. Feishu repeats an event that was not acknowledged after 15 s, 5 min, 1 h
 * and 6 h, about 7.1 hours in all (https://open.feishu.cn/document/server-docs/event-subscription-guide/overview,
 * read 2026-11). DingTalk was observed to repeat within a minute.
 */
export const FINISHED_RETENTION_MS = 8 * 3_600_000;

/** Classification of one callback. `body` is the answer that the platform expects. */
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
 * Reasons for ignoring a genuine callback. `not_text`: an unknown type of message. `unused_event_type`: a known type
 * that the bot does not use, such as read receipts. `unknown_tenant`: the organisation is bound to no tenant.
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
/** Reasons that a channel can return. Only the intake knows tenants. */
export type PlatformIgnoredReason = Exclude<IgnoredReason, 'unknown_tenant'>;

export const CALLBACK_OUTCOMES = ['accepted', 'challenge', 'duplicate', 'ignored', 'rejected', 'error'] as const;
export type CallbackOutcome = (typeof CALLBACK_OUTCOMES)[number];
