// Values that are stored as JSON in a row, together with the version of their shape.
import type { z } from 'zod';

/** Version that is stored with every value. Raise it if a stored shape changes, and convert older rows on reading. */
export const PAYLOAD_VERSION = 1;

/**
 * A stored value that this program cannot read: damaged, or written by a newer version. It quotes no value and has no
 * cause, because the error of `JSON.parse` quotes the text, which a person wrote, and errors are logged.
 */
export class PayloadError extends Error {
  override name = 'PayloadError';
}

/** Encodes a value for a row. */
export function encodePayload(value: unknown): string {
  return JSON.stringify({ version: PAYLOAD_VERSION, value });
}

/**
 * Returns the value of a row. Rows of version 0.1 hold the value alone, in the shape of version 1.
 * @throws PayloadError for another version, and for text that is not JSON
 */
export function decodePayload(text: string): unknown {
  const stored = parse(text);
  if (!isVersioned(stored)) return stored;
  if (stored.version === PAYLOAD_VERSION) return stored.value;
  throw new PayloadError(
    `The row has version ${stored.version} of its shape, and this program reads version ${PAYLOAD_VERSION}. Start the newer program again.`,
  );
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new PayloadError('The row is damaged: its text is not JSON.');
  }
}

function isVersioned(stored: unknown): stored is { version: number; value: unknown } {
  return typeof stored === 'object' && stored !== null && 'version' in stored && 'value' in stored;
}

/**
 * Returns a stored value in the shape of `schema`. `what` names the value in the error.
 * @throws PayloadError if the value has another shape
 */
export function requireShape<T extends z.ZodType>(schema: T, stored: unknown, what: string): z.output<T> {
  const { success, data, error } = schema.safeParse(stored);
  if (success) return data;
  const [issue] = error.issues;
  const member = issue?.path.join('.');
  throw new PayloadError(`${what} is unreadable: ${member ? `${member}: ` : ''}${issue?.message}.`);
}
