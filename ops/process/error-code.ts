// The code of a system error, such as ENOENT.

/** Asks for the property alone: errors of another realm (workers, test runners) are no instances of our Error. */
export function errorCode(error: unknown): string | undefined {
  return typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : undefined;
}
