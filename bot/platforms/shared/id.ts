// Schemas of the platforms' ids.
import { z } from 'zod';

/**
 * An id of 1 to 128 characters. Longer ids do not fit the columns of the tables. `max` is not used, because zod also
 * compares the `length` of values that are no strings. If that is a deeply nested list, the comparison overflows the
 * stack.
 */
export const id = z.string().regex(/^.{1,128}$/su);
/** Like `id`, but also empty, for members where a platform sends an empty text for none. */
export const idOrEmpty = z.string().regex(/^.{0,128}$/su);
