// Schemas of optional members in a platform's JSON.
import { z } from 'zod';

/** Reads null as undefined, because servers in Go and Java send either for a missing member. */
export function optional<T extends z.ZodType>(schema: T) {
  return schema.nullish().transform((value) => value ?? undefined);
}

/** Reads a value of another type as undefined. For members that are not needed to answer the message. */
export function lenient<T extends z.ZodType>(schema: T) {
  return schema.optional().catch(undefined);
}

/** Maximum items read from a list. A body of 1 MB can contain a hundred thousand items, which need seconds to parse. */
export const MAX_ITEMS = 5_000;

/** Reads at most `MAX_ITEMS` of a list, without the items that do not match. */
export function listOf<T extends z.ZodType>(item: T) {
  const readable = (value: unknown): z.output<T>[] => {
    const { data, success } = item.safeParse(value);
    return success ? [data] : [];
  };
  return z.array(z.unknown()).transform((values) => values.slice(0, MAX_ITEMS).flatMap(readable));
}
