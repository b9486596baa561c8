// Members of a platform's JSON that may be missing.
import { z } from 'zod';

/** Null is as absent: Go and Java servers write either, and clients differ in which. */
export function optional<T extends z.ZodType>(schema: T) {
  return schema.nullish().transform((value) => value ?? undefined);
}

/** A value of another shape is as absent, too. For members without which the message can still be answered. */
export function lenient<T extends z.ZodType>(schema: T) {
  return schema.optional().catch(undefined);
}

/** Longer lists are cut: a body of 1 MB can hold a hundred thousand items, which take seconds to read. */
export const MAX_ITEMS = 5_000;

/** A list without its unreadable items. */
export function listOf<T extends z.ZodType>(item: T) {
  const readable = (value: unknown): z.output<T>[] => {
    const { data, success } = item.safeParse(value);
    return success ? [data] : [];
  };
  return z.array(z.unknown()).transform((values) => values.slice(0, MAX_ITEMS).flatMap(readable));
}
