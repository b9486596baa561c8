// Checks values that were stored by this or an earlier version of the program.
import type { z } from 'zod';
import { PayloadError } from '../../domain/payload.ts';

/** @throws PayloadError if the value has another shape */
export function parseStored<T extends z.ZodType>(schema: T, stored: unknown): z.output<T> {
  const { success, data, error } = schema.safeParse(stored);
  if (success) return data;
  const [issue] = error.issues;
  throw new PayloadError(`The stored target is unreadable: ${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}.`);
}
