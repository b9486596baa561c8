// Text as it comes from and goes to the platforms.

/**
 * Text fit to be stored and sent: lone surrogates, which UTF-8 cannot carry, become U+FFFD; NUL goes.
 * Everything a person can have meant stays: emoji, zero-width joiners, right-to-left marks.
 */
export function cleanText(text: string): string {
  return text.toWellFormed().replaceAll('\u0000', '').trim();
}

/** True when nothing would be visible: zero-width, filler and other format characters do not count as text. */
export function isBlank(text: string): boolean {
  return text.replace(/[\p{Cf}\p{Default_Ignorable_Code_Point}\s]/gu, '') === '';
}

/** Cuts `text` into parts of at most `maxBytes` of UTF-8, at line ends where one is near, never inside a character. */
export function splitText(text: string, maxBytes: number): string[] {
  // Below the size of the largest character there would be nothing to cut off, for ever.
  if (!(maxBytes >= 4)) throw new RangeError(`A part needs at least 4 bytes, not ${maxBytes}.`);
  const parts: string[] = [];
  let rest = text;
  while (Buffer.byteLength(rest) > maxBytes) {
    const head = headOf(rest, maxBytes);
    const lineEnd = head.lastIndexOf('\n');
    const cut = lineEnd > head.length / 2 ? lineEnd + 1 : head.length;
    parts.push(rest.slice(0, cut));
    rest = rest.slice(cut);
  }
  return [...parts, rest].filter((part) => part !== '');
}

/** The longest start of `text` that fits; decoding in stream mode leaves out the bytes of a character that was cut. */
function headOf(text: string, maxBytes: number): string {
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(Buffer.from(text).subarray(0, maxBytes), {
    stream: true,
  });
}
