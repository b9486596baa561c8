// Combines a question with the message that it replies to.
import type { Language } from '../domain/language.ts';
import { phrasesIn } from './phrases.ts';

/**
 * Returns the question below the quoted message. The quote has a heading in the sender's language. Each of its lines
 * begins with `>`, so that the model does not confuse it with the question.
 */
export function withQuote(question: string, quote: string | undefined, language: Language): string {
  if (quote === undefined) return question;
  const lines = quote.split('\n').map((line) => `> ${line}`);
  return [phrasesIn(language).quoted, ...lines, '', question].join('\n').trimEnd();
}
