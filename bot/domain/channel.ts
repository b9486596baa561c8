// One app's access to a chat platform: checks callbacks and sends.
import type { CallbackHead, CallbackRequest, CallbackResult, Screening } from './callback.ts';
import type { OutboundPart, Rate, SendResult } from './delivery.ts';
import type { InboundMessage } from './message.ts';
import type { Platform } from './platform.ts';

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
  receive(request: CallbackRequest): CallbackResult;
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
