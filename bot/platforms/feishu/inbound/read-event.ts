// Result of reading one of Feishu's events.
import type { PlatformIgnoredReason } from '../../../domain/callback.ts';
import type { InboundMessage } from '../../../domain/message.ts';

/** `body` is the response to a pressed button. The response to other events is an empty object. */
export type ReadEvent =
  | { kind: 'message'; message: InboundMessage; body?: object }
  | { kind: 'ignored'; reason: PlatformIgnoredReason; messageId?: string; body?: object }
  | { kind: 'malformed' };

/** Returns the bot's own `open_id` in an app, or undefined while it is unknown. */
export type BotIdOf = (appId: string) => string | undefined;
