// Percent encoding in addresses as people write them: a `%` that begins no escape stands for itself.

/** Decodes every valid escape and keeps everything else as written. Never throws, unlike `decodeURIComponent`. */
export function decodePercent(text: string): string {
  return text.replace(/(?:%[0-9a-f]{2})+/gi, (escapes) => {
    try {
      return decodeURIComponent(escapes);
    } catch {
      return escapes; // no UTF-8
    }
  });
}
