// Produces the reply to a message: from a command, a fixed phrase, or the model.

import type { ChatMessage } from '../domain/chat-message.ts';
import type { TenantModel } from '../domain/inference.ts';
import { type Language, languageOf } from '../domain/language.ts';
import type { InboundMessage } from '../domain/message.ts';
import { failureMessage } from '../model/failure-messages.ts';
import type { Model } from '../model/model.ts';
import { ModelError } from '../model/model.ts';
import { cleanText, isBlank } from '../platforms/shared/text.ts';
import type { CommandReply } from './commands/command.ts';
import type { Commands } from './commands/commands.ts';
import { cutAnswer } from './cut-answer.ts';
import { phraseFor, phrasesIn } from './phrases.ts';

export interface ChatAnswer extends CommandReply {
  /** False for commands and error messages, which are not part of the conversation. */
  remember: boolean;
}

export interface ModelQuestion {
  text: string;
  /** Language of the sender, for error messages. Default: the language of the text. */
  language?: Language | undefined;
  /** Earlier messages, oldest first. */
  context: ChatMessage[];
  signal: AbortSignal;
  /** Trace id of the message. */
  traceId?: string | undefined;
  tenant?: TenantModel | undefined;
  /** Called with the complete text so far each time the answer grows. */
  onText?: ((soFar: string) => void) | undefined;
}

export interface Answerer {
  /**
   * Answers commands, attachments and mentions without text. Returns undefined for a question to the model. Needs no
   * session, so that operators can run `/diagnose` even if the session limit is reached.
   */
  direct(message: InboundMessage & { tenantId: string }, signal: AbortSignal): Promise<ChatAnswer | undefined>;
  /** Returns the model's answer, or an error message if the model fails. Rejects if `signal` aborts, or for a bug. */
  ask(question: ModelQuestion): Promise<ChatAnswer>;
}

export interface AnswererOptions {
  model: Model;
  commands: Commands;
}

export function createAnswerer({ model, commands }: AnswererOptions): Answerer {
  return {
    async direct(message, signal) {
      const withoutText = directAnswer(message);
      if (withoutText !== undefined) return { text: withoutText, remember: false };
      const reply = await commands.run(message, signal);
      return reply && { ...reply, text: cutAnswer(reply.text), remember: false };
    },

    async ask({ text, language = languageOf(text), context, ...request }) {
      try {
        const messages: ChatMessage[] = [...context, { role: 'user', content: text }];
        const answer = cutAnswer(cleanText(await model.complete({ ...request, messages, language })));
        return isBlank(answer)
          ? { text: phrasesIn(language).emptyAnswer, remember: false }
          : { text: answer, remember: true };
      } catch (error) {
        if (request.signal.aborted || !(error instanceof ModelError)) throw error;
        return { text: failureMessage(error, language), remember: false };
      }
    },
  };
}

/**
 * Returns the reply to an attachment or to a mention without text. Returns undefined for a quotation without text,
 * because the quoted message is the question.
 */
function directAnswer(message: InboundMessage): string | undefined {
  const { text, attachment, quote, quotedId } = message;
  if (text !== '') return undefined;
  if (attachment) return phraseFor(message, (phrases) => phrases.unreadable(attachment));
  return quote === undefined && quotedId === undefined ? phraseFor(message, (phrases) => phrases.greeting) : undefined;
}
