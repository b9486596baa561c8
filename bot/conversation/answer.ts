// What the bot says to a message: a command's answer, or the model's.
import type { Model } from '../model/model.ts';
import { ModelError } from '../model/model.ts';
import type { ChatMessage } from './sessions.ts';

export interface Answer {
  text: string;
  /** False for commands and apologies: they are no part of the conversation. */
  remember: boolean;
  /** The user asked to start anew. */
  reset?: boolean;
}

export interface AnswerOptions {
  model: Model;
  /** One line of health for `/status`. */
  describeStatus: () => Promise<string>;
}

interface Question {
  text: string;
  context: ChatMessage[];
  signal: AbortSignal;
}

export type Answerer = (question: Question) => Promise<Answer>;

const help = [
  'I answer what you write. These words do something else:',
  '/help – this list',
  '/status – how I am doing',
  '/reset – forget what we said so far',
].join('\n');

export const phrases = {
  busy: 'Too many conversations are going on right now. Please try again in a few minutes.',
  rateLimited: 'Too many messages in the last minute. Please wait a moment and try again.',
  modelFailed: 'I could not get an answer from the language model. Please try again in a moment.',
  emptyAnswer: 'The language model gave an empty answer. Please put the question in other words.',
} as const;

/** Resolves with an apology when the model fails; rejects only when `signal` gave the question up. */
export function createAnswerer({ model, describeStatus }: AnswerOptions): Answerer {
  return async ({ text, context, signal }) => {
    const command = text.split(/\s/u, 1)[0]?.toLowerCase();
    if (command === '/help') return { text: help, remember: false };
    if (command === '/status') return { text: await describeStatus(), remember: false };
    if (command === '/reset') return { text: 'Done. We start anew.', remember: false, reset: true };
    try {
      const answer = (await model.complete({ messages: [...context, { role: 'user', content: text }], signal })).trim();
      return answer === '' ? { text: phrases.emptyAnswer, remember: false } : { text: answer, remember: true };
    } catch (error) {
      if (signal.aborted || !(error instanceof ModelError)) throw error;
      return { text: phrases.modelFailed, remember: false };
    }
  };
}
