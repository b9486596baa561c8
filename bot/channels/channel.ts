// What the bot knows of a chat platform: it judges callbacks, and it sends. Platform names appear only in the channel's own folder and in the list of channels.
import type { Platform, PushErrorClass } from '../telemetry/names.ts';

/** A callback as it came over the wire. Header names in lower case. */
export interface CallbackRequest {
  headers: Record<string, string | undefined>;
  query: Record<string, string | undefined>;
  /** The bytes as received: signatures cover these, never a re-serialised body. */
  rawBody: Buffer;
  /** Milliseconds since 1970. */
  now: number;
}

/** A user's message, freed of the platform's shape. Kept in the inbox as JSON. */
export interface InboundMessage {
  platform: Platform;
  appId: string;
  messageId: string;
  /** The platform's id of the delivery, or the message id where it has none. */
  eventId: string;
  /** Feishu `tenant_key`, DingTalk `chatbotCorpId`. */
  externalTenantId: string;
  chatId: string;
  chatType: 'p2p' | 'group';
  userId: string;
  text: string;
  /** Where the answer goes; only the channel reads it. */
  target: unknown;
}

export type CallbackVerdict =
  | { kind: 'message'; message: InboundMessage; body: object }
  | { kind: 'challenge'; reason: 'url_verification' | 'check_url'; appId: string; body: object }
  | { kind: 'ignored'; reason: IgnoredReason; appId: string; messageId?: string; body: object }
  | { kind: 'rejected'; reason: RejectedReason };

export type IgnoredReason = 'unknown_event_type' | 'not_text' | 'empty_text' | 'bot_sender';

/** The HTTP status with which each refusal is answered. */
export const rejectedStatus = {
  malformed_json: 400,
  malformed_event: 400,
  incomplete_body: 400,
  missing_signature: 401,
  signature_mismatch: 401,
  stale_timestamp: 401,
  token_mismatch: 401,
  decrypt_failed: 401,
  unknown_app: 403,
  too_large: 413,
  unsupported_media_type: 415,
} as const;
export type RejectedReason = keyof typeof rejectedStatus;

/** One part of a reply. */
export interface OutboundPart {
  appId: string;
  target: unknown;
  text: string;
  /** At most 50 characters; the same for every attempt of this part. */
  idempotencyKey: string;
  /** Milliseconds since 1970. */
  now: number;
}

export type SendResult =
  | { outcome: 'sent'; platformMessageId: string; logId?: string }
  /** `retry`: repeating can help and cannot send twice. `unknown`: it may have been sent. `failed`: repeating is useless. */
  | { outcome: 'retry' | 'unknown' | 'failed'; failure: SendFailure };

export interface SendFailure {
  class: PushErrorClass;
  /** Whether the access token or the message itself was refused. */
  stage: 'token' | 'send';
  /** The platform's own code, or the system's. */
  code: string;
  /** The platform's own words, shortened. */
  message: string;
  /** The platform's id of this call, for its support. */
  logId?: string;
  retryAfterMs?: number;
}

export interface Channel {
  platform: Platform;
  appIds: string[];
  /** The most text one part may carry, bytes of UTF-8. */
  maxPartBytes: number;
  /** Whether the platform takes an idempotency key, so that repeating a part cannot show it twice. */
  idempotent: boolean;
  /** Pure but for its input: verifies, decrypts, normalises. Never throws for bad input. */
  receive(request: CallbackRequest): CallbackVerdict;
  /** One attempt. Never throws. */
  send(part: OutboundPart, signal: AbortSignal): Promise<SendResult>;
}
