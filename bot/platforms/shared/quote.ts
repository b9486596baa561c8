// Text of a message that another message replies to.
import { cleanText, isBlank } from './text.ts';

/** Longest quotation that goes to the model, in characters: the question itself must stay in view. */
export const QUOTE_MAX_CHARACTERS = 2_000;

/** The text as it is kept with the reply: cut at the limit, and undefined when nothing would be visible. */
export function quoteOf(raw: string): string | undefined {
  const text = cleanText(raw);
  if (isBlank(text)) return undefined;
  if (text.length <= QUOTE_MAX_CHARACTERS) return text;
  return `${text.slice(0, QUOTE_MAX_CHARACTERS - 1).replace(/[\uD800-\uDBFF]$/, '')}…`;
}
