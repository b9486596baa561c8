// Parses JSON from other systems.

/** Returns the parsed value, or undefined if `text` is not JSON. JSON itself has no undefined. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
