// Text as it comes from and goes to the platforms.

/**
 * Text fit to be stored and sent: lone surrogates, which UTF-8 cannot carry, become U+FFFD; NUL goes.
 * Everything a person can have meant stays: emoji, zero-width joiners, right-to-left marks.
 */
export function cleanText(text: string): string {
  return text.toWellFormed().replaceAll('\u0000', '').trim();
}

/** True when nothing would be visible: control, zero-width, filler and other format characters do not count as text. */
export function isBlank(text: string): boolean {
  return !/[^\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}\s]/u.test(text);
}
