// Reads members of JSON from another server. A member of an unexpected type is treated as missing.

/** Returns the members of an object; none if `value` is something else. */
export function membersOf(value: unknown): Record<string, unknown> {
  return isObject(value) ? value : {};
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Returns a list: a single value as a list of one; null and undefined as an empty list. */
export function listOf(value: unknown): unknown[] {
  if (value === null || value === undefined) return [];
  return Array.isArray(value) ? value : [value];
}

/** Strings that mean a missing value. LiteLLM sends `"None"` for a missing code. */
const PLACEHOLDERS = new Set(['', 'none', 'null', 'undefined']);

/** Returns a non-empty string, or a number as a string. */
export function stringOf(value: unknown): string | undefined {
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' && !PLACEHOLDERS.has(value.trim().toLowerCase()) ? value : undefined;
}

/** Upper limit of a plausible token count. */
const LARGEST_COUNT = 1_000_000_000;

/** Returns a count, from a number or a string. */
export function countOf(value: unknown): number | undefined {
  const count = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  return typeof count === 'number' && count >= 0 && count <= LARGEST_COUNT ? Math.round(count) : undefined;
}
