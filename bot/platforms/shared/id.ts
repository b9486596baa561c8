// Ids as the platforms make them.
import { z } from 'zod';

/**
 * Longer ones do not fit the tables. Not by `max`: zod asks also what is no string for its length, and compares that,
 * whatever it is; a deep list there overflows the stack.
 */
export const id = z.string().regex(/^.{1,128}$/su);
/** The same, where the platforms send an empty one for none. */
export const idOrEmpty = z.string().regex(/^.{0,128}$/su);
