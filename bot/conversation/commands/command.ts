// What every chat command is.
import type { InboundMessage } from '../../domain/message.ts';
import type { Phrases } from '../phrases.ts';

/** What the bot says by itself. */
export interface CommandReply {
  text: string;
  /** The conversation starts over. */
  reset?: true;
}

/** A message that may be a command. */
export type Call = Pick<InboundMessage, 'text' | 'platform' | 'userId' | 'externalTenantId'> & { tenantId: string };

export interface CommandRun {
  /** In the language of the person who asked. */
  phrases: Phrases;
  /** Whether the person is one of the setting OPERATORS. */
  operator: boolean;
  call: Call;
  signal: AbortSignal;
}

export interface ChatCommand {
  /** Its line in the list of commands. */
  name: keyof Phrases['help'];
  /** The same word in Chinese. */
  alias: string;
  operatorsOnly?: true;
  run(run: CommandRun): Promise<CommandReply>;
}
