// What the bot knows of a chat platform: it judges callbacks, and it sends. Platform names appear only in the channel's own folder and in the list of channels.

import type { IgnoredReason as AnyIgnoredReason, Platform, PushErrorClass } from '../telemetry/names.ts';
import type { Language } from './language.ts';

/** A callback before its body is read. Header names in lower case. */
export interface CallbackHead {
  headers: Record<string, string | undefined>;
  query: Record<string, string | undefined>;
  /** Milliseconds since 1970. */
  now: number;
}

/** A callback as it came over the wire. */
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
  /** What was written, without the bot's mention; empty for a mention alone, an attachment and an event. */
  text: string;
  /** Text of the message that this one replies to, see `quoteOf`. */
  quote?: string;
  /** Id of that message, where the callback leaves its text out, see `readQuoted`. */
  quotedId?: string;
  /** The topic of the chat that the message belongs to. */
  topicId?: string;
  /** Language of the person, as far as names around a message without text show it. */
  language?: Language;
  /** What was sent instead of text: it is named in the answer. */
  attachment?: Attachment;
  /** What happened in the chat, when it was no message. It passes the inbox too, so that it counts once. */
  event?: ChatEvent;
  /** Ids of those mentioned, kept only while the channel cannot tell whether the bot is among them, see `isAddressed`. */
  mentions?: string[];
  /** Where the answer goes; only the channel reads it. */
  target: unknown;
}

export type Attachment = 'image' | 'file' | 'audio' | 'video' | 'sticker' | 'location' | 'card' | 'other';
export type ChatEvent = 'bot_added' | 'bot_removed' | 'chat_disbanded';

export type CallbackVerdict =
  | { kind: 'message'; message: InboundMessage; body: object }
  | { kind: 'challenge'; reason: 'url_verification' | 'check_url'; appId: string; body: object }
  | { kind: 'ignored'; reason: IgnoredReason; appId: string; messageId?: string; body: object }
  | { kind: 'rejected'; reason: RejectedReason };

/** The reasons that a channel can find by itself. */
export type IgnoredReason = Exclude<AnyIgnoredReason, 'unknown_tenant'>;

/** The HTTP status with which each refusal is answered. */
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

/** One part of a reply. */
export interface OutboundPart {
  appId: string;
  target: unknown;
  /** Markdown, as the model writes it, cut by `split`. */
  text: string;
  /** Platform id of a message that this part takes the place of: the one that said the bot is thinking. */
  replaces?: string;
  /** Sends the text as it is, without rendering: an attempt that rendered it threw an error of ours. */
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

/** At most `messages` within `perMs` milliseconds. */
export interface Rate {
  messages: number;
  perMs: number;
}

/** A message that grows while the model writes. Both are best effort: they never throw, and nothing depends on them. */
export interface Progress {
  /** Shows that the bot is thinking; the platform's message id, or undefined when it could not be shown. */
  start(part: OutboundPart, signal: AbortSignal): Promise<string | undefined>;
  /** Shows `text`, unfinished as it is, in the message that `start` made. */
  update(part: OutboundPart & { replaces: string }, signal: AbortSignal): Promise<void>;
}

export interface Channel {
  platform: Platform;
  appIds: string[];
  /** How fast the platform lets one bot talk: to one chat, and in all. */
  rates: { chat: Rate; app: readonly Rate[] };
  /** Whether the platform takes an idempotency key, so that repeating a part cannot show it twice. */
  idempotent: boolean;
  /** Checks presence and time of a signature by the head, and the signature itself where it leaves the body out. */
  screen(head: CallbackHead): Screening;
  /** Verifies, decrypts, normalises; includes what `screen` checks. Never throws for bad input. */
  receive(request: CallbackRequest): CallbackVerdict;
  /** Whether a group message that `receive` could not judge mentions the bot. Rejects when the platform cannot tell now. */
  isAddressed?(message: InboundMessage): Promise<boolean>;
  /** Text of the message named by `quotedId`. Never rejects; undefined if the app may not read it. */
  readQuoted?(message: InboundMessage, signal: AbortSignal): Promise<string | undefined>;
  /** The bot's own id in the app, as far as it is known; not knowing it sends the question off. */
  botId?(appId: string): string | undefined;
  /** Why the bot's own id in the app is unknown; undefined unless the last question failed. */
  botIdProblem?(appId: string): string | undefined;
  /** Cuts Markdown into parts that the platform takes, each whole in itself: no fence and no character is torn. */
  split(markdown: string): string[];
  /** One attempt. Throws only errors of our own; `RenderError` when nothing was sent. */
  send(part: OutboundPart, signal: AbortSignal): Promise<SendResult>;
  progress?: Progress;
}
