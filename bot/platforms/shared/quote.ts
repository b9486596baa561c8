// Cleans and shortens the text of a quoted message.
import { cleanText, isBlank } from './text.ts';

/** Maximum length of a quotation for the model, in characters, so that it does not outweigh the question. */
export const QUOTE_MAX_CHARACTERS = 2_000;

/** Returns the quoted text, cut at the limit. Undefined if it has no visible character. */
export function quoteOf(raw: string): string | undefined {
  const text = cleanText(raw);
  if (isBlank(text)) return undefined;
  if (text.length <= QUOTE_MAX_CHARACTERS) return text;
  return `${text.slice(0, QUOTE_MAX_CHARACTERS - 1).replace(/[\uD800-\uDBFF]$/, '')}…`;
}
