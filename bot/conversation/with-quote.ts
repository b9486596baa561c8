// A question together with the message that it replies to.
import type { Language } from '../domain/language.ts';
import { phrasesIn } from './phrases.ts';

/**
 * The quotation comes first, under a heading in the language of the person, with a mark before every line: its text
 * cannot pass for the question.
 */
export function withQuote(question: string, quote: string | undefined, language: Language): string {
  if (quote === undefined) return question;
  const lines = quote.split('\n').map((line) => `> ${line}`);
  return [phrasesIn(language).quoted, ...lines, '', question].join('\n').trimEnd();
}
