// Interface to a chat platform: verifies callbacks and sends messages.
import type { CallbackHead, CallbackRequest, CallbackResult, Screening } from './callback.ts';
import type { OutboundPart, Rate, SendResult } from './delivery.ts';
import type { InboundMessage } from './message.ts';
import type { Platform } from './platform.ts';

/**
 * A message that is updated while the model generates. It is best effort: callers ignore every error. `start` rejects
 * with `PayloadError` for an unreadable target. Failed requests do not reject.
 */
export interface Progress {
  /** Shows that the bot is thinking. Resolves with the platform's message id, or undefined after a failure. */
  start(part: OutboundPart, signal: AbortSignal): Promise<string | undefined>;
  /** Shows the unfinished `text` in the message that `start` sent. */
  update(part: OutboundPart & { replaces: string }, signal: AbortSignal): Promise<void>;
}

export interface Channel {
  platform: Platform;
  appIds: string[];
  /** Rate limits of the platform, per chat and per app. */
  rates: { chat: Rate; app: readonly Rate[] };
  /** True if the platform accepts an idempotency key, so that a repeated send cannot show a part twice. */
  idempotent: boolean;
  /** Verifies the head: that it has a signature in time, and the signature itself if that does not cover the body. */
  screen(head: CallbackHead): Screening;
  /** Verifies, decrypts and normalises a callback. Includes the checks of `screen`. Never throws for bad input. */
  receive(request: CallbackRequest): CallbackResult;
  /** Decides for a message with `addressed: 'unknown'`. Rejects while the platform does not return the bot's own id. */
  isAddressed?(message: InboundMessage): Promise<boolean>;
  /** Resolves with the text of the message `quotedId`, or undefined if the app may not read it. Never rejects. */
  readQuoted?(message: InboundMessage, signal: AbortSignal): Promise<string | undefined>;
  /** Returns the bot's own id in the app if it is known. Otherwise requests it in the background. */
  botId?(appId: string): string | undefined;
  /** Returns the error of the last request for the bot's own id, or undefined if it did not fail. */
  botIdProblem?(appId: string): string | undefined;
  /** Splits Markdown into parts that the platform accepts. Splits no character, and closes code fences in each part. */
  split(markdown: string): string[];
  /**
   * Makes one attempt to send. Throws `PayloadError` for an unreadable target and `RenderError` for a text that could not
   * be rendered; in both cases nothing was sent. After any other error, a bug, the part may have been sent.
   */
  send(part: OutboundPart, signal: AbortSignal): Promise<SendResult>;
  progress?: Progress;
}
