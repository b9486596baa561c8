// Interface of a chat command.
import type { InboundMessage } from '../../domain/message.ts';
import type { Phrases } from '../phrases.ts';

/** A reply that does not come from the model. */
export interface CommandReply {
  text: string;
  /** Set if the session is to be deleted. */
  reset?: true;
}

/** A message that may be a command. */
export type CommandCall = Pick<InboundMessage, 'text' | 'platform' | 'userId' | 'externalTenantId'> & {
  tenantId: string;
};

export interface CommandRun {
  /** Phrases in the language of the sender. */
  phrases: Phrases;
  /** True if the setting OPERATORS lists the sender. */
  operator: boolean;
  call: CommandCall;
  signal: AbortSignal;
}

export interface ChatCommand {
  /** Name after the slash, and key of the command's line in `/help`. */
  name: keyof Phrases['help'];
  /** Name in Chinese. */
  alias: string;
  operatorsOnly?: true;
  run(run: CommandRun): Promise<CommandReply>;
}
