// Reading request bodies whose shape nobody has checked yet.

/** The value as a record; anything that is not a plain JSON object becomes an empty one. */
export function asRecord(value: unknown): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return {};
  // An object that is not an array has string keys; the values stay unknown.
  return value as Record<string, unknown>;
}

/** The value when it is text, otherwise the empty text. */
export function asText(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** Parses JSON text to a record; undefined when it is not a JSON object. */
export function parseRecord(value: unknown): Record<string, unknown> | undefined {
  try {
    const parsed: unknown = JSON.parse(asText(value));
    const isRecord = typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed);
    return isRecord ? asRecord(parsed) : undefined;
  } catch {
    return undefined;
  }
}
