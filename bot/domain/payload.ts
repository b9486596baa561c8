// Values that are stored as JSON in a row: the version of their shape is stored with them.

/** Version of the shapes that this program writes. Raise it if a stored shape changes, and migrate in the reader. */
export const PAYLOAD_VERSION = 1;

/** A stored value that this program cannot read: damaged, or written by a newer version. */
export class PayloadError extends Error {
  constructor(message: string, options?: { cause: unknown }) {
    super(message, options);
    this.name = 'PayloadError';
  }
}

/** Encodes a value for a row. */
export function encodePayload(value: unknown): string {
  return JSON.stringify({ version: PAYLOAD_VERSION, value });
}

/**
 * Returns the value of a row. Rows of version 0.1 hold the value alone, in the shape of version 1.
 * @throws PayloadError for a newer version, and for text that is not JSON
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
  } catch (cause) {
    throw new PayloadError('The row is damaged: its text is not JSON.', { cause });
  }
}

function isVersioned(stored: unknown): stored is { version: number; value: unknown } {
  return typeof stored === 'object' && stored !== null && 'version' in stored && 'value' in stored;
}
