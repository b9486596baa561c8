// Limit on the length of an answer, and the remark on a cut one.
import { expect, test } from '@jest/globals';
import { cutAnswer } from '../../../bot/conversation/cut-answer.ts';
import { isTooLong, MAX_ANSWER_BYTES, ROOM_FOR_REMARK } from '../../../bot/model/bounds.ts';
import { withCutOffRemark } from '../../../bot/model/failure-messages.ts';

test.each([
  ['x', MAX_ANSWER_BYTES],
  ['很', Math.floor(MAX_ANSWER_BYTES / 3)],
])('%s: keeps an answer of the maximum length, and cuts one character more with a remark', (sign, count) => {
  const longest = sign.repeat(count);
  expect(isTooLong(longest)).toBe(false);
  expect(cutAnswer(longest)).toBe(longest);
  expect(isTooLong(`${longest}很`)).toBe(true);
  const cut = cutAnswer(`${longest}很`);
  expect(cut.startsWith(longest)).toBe(true);
  expect(cut.slice(longest.length)).toMatch(/^\n\n[(（].+[)）]$/);
});

test('cuts between characters, and closes the code fence before the remark', () => {
  const cut = cutAnswer(`\`\`\`js\n${'🚀'.repeat(50_000)}`);
  expect(cut.isWellFormed()).toBe(true);
  expect(cut).toMatch(/🚀\n```\n\n\(/u);
});

test.each([
  { text: '```js\nconst a = 1;', end: '\n```' },
  { text: '- list\n  ~~~~\n  code', end: '\n  ~~~~' },
  { text: '```js\nconst a = 1;\n```\nmore', end: '' },
  { text: '> ```js\n> code', end: '\n> ```' },
  { text: 'a `span', end: '' },
])('closes an open code fence before the remark of the reader: %j', ({ text, end }) => {
  expect(cutAnswer(withCutOffRemark(text))).toBe(withCutOffRemark(`${text}${end}`));
  expect(cutAnswer(text)).toBe(text);
});

test.each([
  ['x', MAX_ANSWER_BYTES - ROOM_FOR_REMARK],
  ['很', MAX_ANSWER_BYTES - ROOM_FOR_REMARK],
  ['很', Math.floor(MAX_ANSWER_BYTES / 3) - 5],
])('%s × %i: keeps only one remark if the reader has already cut the answer', (sign, count) => {
  const cut = cutAnswer(withCutOffRemark(sign.repeat(count)));
  expect(cut).toMatch(/^(.)\1*\n\n[(（][^\n]+[)）]$/u);
});
