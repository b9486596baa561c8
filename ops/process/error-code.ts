// Reads the code of a system error, such as ENOENT.

/**
 * Returns the `code` property, without `instanceof`. Errors of another realm (workers, test runners) are no instances
 * of our `Error`.
 */
export function errorCode(error: unknown): string | undefined {
  return typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : undefined;
}
