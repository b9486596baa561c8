// Reads request bodies whose shape has not been checked.

/** Returns the value as a record. If the value is not a plain JSON object, returns an empty record. */
export function asRecord(value: unknown): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return {};
  // An object that is not an array has string keys. The values stay unknown.
  return value as Record<string, unknown>;
}

/** Returns the value if it is text, otherwise an empty text. */
export function asText(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** Parses JSON text to a record. Returns undefined if it is not a JSON object. */
export function parseRecord(value: unknown): Record<string, unknown> | undefined {
  try {
    const parsed: unknown = JSON.parse(asText(value));
    const isRecord = typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed);
    return isRecord ? asRecord(parsed) : undefined;
  } catch {
    return undefined;
  }
}
