// Result of reading one of Feishu's events.
import type { PlatformIgnoredReason } from '../../../domain/callback.ts';
import type { InboundMessage } from '../../../domain/message.ts';

/** `body` answers a pressed button; other events are answered with an empty object. */
export type ReadEvent =
  | { kind: 'message'; message: InboundMessage; body?: object }
  | { kind: 'ignored'; reason: PlatformIgnoredReason; messageId?: string; body?: object }
  | { kind: 'malformed' };

/** The bot's own `open_id` in an app, or undefined while it is not known. */
export type BotIdOf = (appId: string) => string | undefined;
