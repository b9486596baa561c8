// What the bot says to a message: a command's answer, what it cannot read, or the model's answer.

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
import { phrasesIn, say } from './phrases.ts';

export interface Answer extends CommandReply {
  /** False for commands and apologies: they are no part of the conversation. */
  remember: boolean;
}

export interface Question {
  text: string;
  /** Of the person, for an apology; by the text when it is missing. */
  language?: Language | undefined;
  /** Oldest first. */
  context: ChatMessage[];
  signal: AbortSignal;
  tenant?: TenantModel | undefined;
  /** Told the answer as far as it is, each time it grows. */
  onText?: ((soFar: string) => void) | undefined;
}

export interface Answerer {
  /**
   * What is said without the model and outside the conversation, so without a session: operators can also ask what
   * is wrong when there are too many sessions. Undefined when the message is a question.
   */
  direct(message: InboundMessage & { tenantId: string }, signal: AbortSignal): Promise<Answer | undefined>;
  /** The model's answer, or an apology when it fails. Rejects only when `signal` gave the question up, or for a bug. */
  ask(question: Question): Promise<Answer>;
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
      const said = await commands.run(message, signal);
      return said && { ...said, text: cutAnswer(said.text), remember: false };
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

/** A message without text: an attachment, or a mention alone. A quotation is a question by itself. */
function directAnswer(message: InboundMessage): string | undefined {
  const { text, attachment, quote, quotedId } = message;
  if (text !== '') return undefined;
  if (attachment) return say(message, (phrases) => phrases.unreadable(attachment));
  return quote === undefined && quotedId === undefined ? say(message, (phrases) => phrases.greeting) : undefined;
}
