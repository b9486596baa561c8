// Classifies database errors that concern one row, on both dialects.

/** Returns true if a unique key exists already. */
export function isDuplicateKey(error: unknown): boolean {
  const code = (error as { code?: unknown }).code;
  return code === 'ER_DUP_ENTRY' || code === 'SQLITE_CONSTRAINT_UNIQUE' || code === 'SQLITE_CONSTRAINT_PRIMARYKEY';
}

/** Returns true if the database rejected the values of a row. The same write without that row succeeds. */
export function isRowError(error: unknown): boolean {
  const { code } = error as { code?: unknown };
  return typeof code === 'string' && (rowErrors.has(code) || code.startsWith('SQLITE_CONSTRAINT'));
}

const rowErrors = new Set([
  ...['ER_DUP_ENTRY', 'ER_DATA_TOO_LONG', 'ER_TRUNCATED_WRONG_VALUE_FOR_FIELD', 'ER_WARN_DATA_OUT_OF_RANGE'],
  ...['ER_BAD_NULL_ERROR', 'ER_NO_REFERENCED_ROW_2', 'SQLITE_TOOBIG', 'SQLITE_MISMATCH'],
]);
