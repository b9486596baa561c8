// Cleans text from the platforms, and detects blank text.

/**
 * Returns text that can be stored and sent. Lone surrogates become U+FFFD, because UTF-8 cannot encode them. NUL is
 * removed. Emoji, zero-width joiners and right-to-left marks stay, because a person may need them.
 */
export function cleanText(text: string): string {
  return text.toWellFormed().replaceAll('\u0000', '').trim();
}

/**
 * Returns true if no character is visible. Control, zero-width, filler and other format characters count as invisible.
 */
export function isBlank(text: string): boolean {
  return !/[^\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}\s]/u.test(text);
}
