// Cuts texts that are searched for secrets afterwards.

/** A character of which keys, tokens, passwords and addresses are made. */
const OF_A_WORD = /[^\s"'`,;(){}[\]<>\u0080-\uffff]/;

/**
 * Returns at most the first `length` UTF-16 units, without a word that the cut would tear: half a secret is found
 * neither by its value nor by its shape. A text that is one word is cut all the same.
 */
export function cutText(text: string, length: number): string {
  let end = Math.min(length, text.length);
  if (OF_A_WORD.test(text.charAt(length))) while (end > 0 && OF_A_WORD.test(text.charAt(end - 1))) end -= 1;
  return text.slice(0, end === 0 ? length : end).toWellFormed();
}
