// Words of another server, fit for a log line.

/** The first 200 characters: such texts can be long and can repeat what was sent. */
export function shorten(text: unknown): string {
  return String(text ?? '')
    .slice(0, 200)
    .toWellFormed();
}
