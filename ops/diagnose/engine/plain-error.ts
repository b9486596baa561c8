// Turns anything thrown into two strings; a raw Error serialises to `{}` and hides its causes.
import { systemCode } from '../../../bot/outgoing/errors.ts';

/** The system's code from the chain of causes, and the first message that says anything. */
export function plainError(error: unknown): { code: string; message: string } {
  return { code: systemCode(error) ?? nameOf(error), message: messageOf(error) || 'no message' };
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : 'UNKNOWN';
}

function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.message) return error.message;
  const inner = error instanceof AggregateError ? error.errors[0] : error.cause;
  return inner === undefined ? '' : messageOf(inner);
}
