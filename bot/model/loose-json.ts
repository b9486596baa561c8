// Reads members of JSON from another server. A member of an unexpected type counts as missing.

/** The members of an object; none when `value` is something else. */
export function membersOf(value: unknown): Record<string, unknown> {
  return isObject(value) ? value : {};
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A list; a single value counts as a list of one, null and undefined as an empty list. */
export function listOf(value: unknown): unknown[] {
  if (value === null || value === undefined) return [];
  return Array.isArray(value) ? value : [value];
}

/** The words that servers write in place of null. LiteLLM sends `"None"` for a missing code. */
const PLACEHOLDERS = new Set(['', 'none', 'null', 'undefined']);

/** A non-empty string, or a number as a string. */
export function wordOf(value: unknown): string | undefined {
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' && !PLACEHOLDERS.has(value.trim().toLowerCase()) ? value : undefined;
}

/** No call has more tokens. */
const LARGEST_COUNT = 1_000_000_000;

/** A count, also when it came as a string. */
export function countOf(value: unknown): number | undefined {
  const count = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  return typeof count === 'number' && count >= 0 && count <= LARGEST_COUNT ? Math.round(count) : undefined;
}
