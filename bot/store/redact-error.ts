// Removes values of rows from the errors of the database drivers, because they contain messages and ids of people.

/** Codes of MariaDB errors whose messages quote only names of tables, columns, users and settings. */
const QUOTES_NAMES_ONLY = new Set([
  ...['ER_NO_SUCH_TABLE', 'ER_BAD_FIELD_ERROR', 'ER_BAD_NULL_ERROR', 'ER_DATA_TOO_LONG', 'ER_NO_DEFAULT_FOR_FIELD'],
  ...['ER_ACCESS_DENIED_ERROR', 'ER_DBACCESS_DENIED_ERROR', 'ER_BAD_DB_ERROR', 'ER_TABLEACCESS_DENIED_ERROR'],
  ...['ER_OPTION_PREVENTS_STATEMENT', 'ER_RECORD_FILE_FULL', 'ER_WARN_DATA_OUT_OF_RANGE', 'ER_TABLE_EXISTS_ERROR'],
]);

/** Bytes from which a message may lack its closing quote. MariaDB cuts messages at 512 bytes. */
const CUT_FROM_LENGTH = 450;

/** Members that contain the statement with its values: `sql` and `sqlMessage` of mysql2, `bindings` of knex. */
const MEMBERS_WITH_VALUES = ['sql', 'sqlMessage', 'bindings'];

/**
 * Removes values from `error` in place and returns it. Message and stack keep the failure and the key. Code and class
 * are unchanged.
 */
export function redactValues<E>(error: E): E {
  if (!(error instanceof Error)) return error;
  const { code } = error as { code?: unknown };
  const before = error.message;
  if (typeof code !== 'string' || !QUOTES_NAMES_ONLY.has(code)) error.message = redactQuotes(before);
  error.stack = stackOf(error, before);
  for (const name of MEMBERS_WITH_VALUES) Reflect.deleteProperty(error, name);
  return error;
}

/** Replaces everything from the first to the last quote, because a value may contain quotes itself. */
function redactQuotes(message: string): string {
  const duplicate = /^Duplicate entry .* for key '([^']*)'$/s.exec(message);
  if (duplicate) return `Duplicate entry for key '${duplicate[1]}'`;
  if (Buffer.byteLength(message) >= CUT_FROM_LENGTH) return message.replace(/['"].*$/s, "'?'");
  return message.replace(/'.*'/s, "'?'").replace(/".*"/s, '"?"');
}

/** Returns the stack with the redacted message. The stack still contains the message `before` redaction. */
function stackOf({ name, message, stack = '' }: Error, before: string): string {
  const at = stack.indexOf(before);
  return `${name}: ${message}${at < 0 ? '' : stack.slice(at + before.length)}`;
}
