// Removes from the errors of the drivers what they quote: values of rows, which hold messages and ids of people.

/** Codes of MariaDB whose messages quote only names of tables, columns, users and settings. */
const QUOTES_NAMES_ONLY = new Set([
  ...['ER_NO_SUCH_TABLE', 'ER_BAD_FIELD_ERROR', 'ER_BAD_NULL_ERROR', 'ER_DATA_TOO_LONG', 'ER_NO_DEFAULT_FOR_FIELD'],
  ...['ER_ACCESS_DENIED_ERROR', 'ER_DBACCESS_DENIED_ERROR', 'ER_BAD_DB_ERROR', 'ER_TABLEACCESS_DENIED_ERROR'],
  ...['ER_OPTION_PREVENTS_STATEMENT', 'ER_RECORD_FILE_FULL', 'ER_WARN_DATA_OUT_OF_RANGE', 'ER_TABLE_EXISTS_ERROR'],
]);

/** MariaDB cuts messages at 512 bytes, and with them a closing quote. */
const CUT_FROM_LENGTH = 450;

/** Members that hold the statement with its values: mysql2's `sql` and `sqlMessage`, knex' `bindings`. */
const MEMBERS_WITH_VALUES = ['sql', 'sqlMessage', 'bindings'];

/**
 * Changes `error` in place and returns it: message and stack name the failure and the key, never a value.
 * Code and class stay.
 */
export function withoutValues<E>(error: E): E {
  if (!(error instanceof Error)) return error;
  const { code } = error as { code?: unknown };
  const before = error.message;
  if (typeof code !== 'string' || !QUOTES_NAMES_ONLY.has(code)) error.message = unquoted(before);
  error.stack = stackOf(error, before);
  for (const name of MEMBERS_WITH_VALUES) Reflect.deleteProperty(error, name);
  return error;
}

/** A value can hold quotes itself, so everything from the first to the last one goes. */
function unquoted(message: string): string {
  const duplicate = /^Duplicate entry .* for key '([^']*)'$/s.exec(message);
  if (duplicate) return `Duplicate entry for key '${duplicate[1]}'`;
  if (Buffer.byteLength(message) >= CUT_FROM_LENGTH) return message.replace(/['"].*$/s, "'?'");
  return message.replace(/'.*'/s, "'?'").replace(/".*"/s, '"?"');
}

/** The stack repeats the message as it was when the error was made. */
function stackOf({ name, message, stack = '' }: Error, before: string): string {
  const at = stack.indexOf(before);
  return `${name}: ${message}${at < 0 ? '' : stack.slice(at + before.length)}`;
}
