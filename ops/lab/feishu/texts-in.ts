// Reads the text in a card or post.
import { asRecord } from '../common/json-body.ts';

/** Returns the texts of members named `text` or `content`, at any depth. */
export function textsIn(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(textsIn);
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(asRecord(value)).flatMap(([key, member]) => {
    if (typeof member === 'string') return ['text', 'content'].includes(key) && member !== '' ? [member] : [];
    return textsIn(member);
  });
}
