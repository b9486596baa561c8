// Cuts texts before they are redacted.

/** A character of keys, tokens, passwords and addresses. */
const TOKEN_CHARACTER = /[^\s"'`,;(){}[\]<>\u0080-\uffff]/;

/**
 * Returns at most the first `length` UTF-16 units, without a partial word at the end. The redactor would not recognise
 * a partial secret, neither by its value nor by its shape. A text of a single word is cut inside the word.
 */
export function cutText(text: string, length: number): string {
  let end = Math.min(length, text.length);
  if (TOKEN_CHARACTER.test(text.charAt(length))) while (end > 0 && TOKEN_CHARACTER.test(text.charAt(end - 1))) end -= 1;
  return text.slice(0, end === 0 ? length : end).toWellFormed();
}
