// A reply is sent also if it cannot be split as Markdown.
import { expect, test } from '@jest/globals';
import { splitReply } from '../../../bot/conversation/split-reply.ts';

test('an error of ours gives plain pieces and is reported', () => {
  const text = '很长的回答 🚀 '.repeat(1_000);
  const errors: unknown[] = [];
  const bug = new RangeError('Maximum call stack size exceeded');
  const pieces = splitReply(text, {
    split() {
      throw bug;
    },
    onError: (error) => errors.push(error),
  });
  expect(pieces.join('')).toBe(text);
  expect(pieces.every((piece) => piece.isWellFormed() && Buffer.byteLength(piece) <= 2_000)).toBe(true);
  expect(errors).toEqual([bug]);
});
