// Converts any thrown value to a code and a message, because a raw Error serialises to `{}` and hides its causes.
import { types } from 'node:util';
import { systemCode } from '../../bot/http-client/errors.ts';

/** Returns the system's code from the chain of causes, and the first message that is not empty. */
export function plainError(error: unknown): { code: string; message: string } {
  return { code: systemCode(error) ?? nameOf(error), message: messageOf(error) || 'no message' };
}

function nameOf(error: unknown): string {
  return types.isNativeError(error) ? error.name : 'UNKNOWN';
}

function messageOf(error: unknown): string {
  if (!types.isNativeError(error)) return String(error);
  if (error.message) return error.message;
  const inner = 'errors' in error && Array.isArray(error.errors) ? error.errors[0] : error.cause;
  return inner === undefined ? '' : messageOf(inner);
}
