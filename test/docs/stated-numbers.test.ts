// Checks that documents and texts state the numbers that the constants of the code set.
import { describe, expect, test } from '@jest/globals';
import { oneLine } from './markdown.ts';
import { markdownPages, readText } from './project-files.ts';
import { GUARDED_NUMBERS, STATED_NUMBERS } from './stated-numbers.ts';

describe.each(Object.entries(STATED_NUMBERS))('%s states', (path, sentences) => {
  const text = flat(path);

  test.each(sentences)('%s', (sentence) => {
    expect(text).toContain(sentence);
  });
});

test.each(markdownPages.filter((page) => page !== 'CHANGELOG.md'))('%s states no number without a row', (page) => {
  const rows = STATED_NUMBERS[page] ?? [];
  const rest = rows.reduce((text, sentence) => text.replaceAll(sentence, '…'), flat(page));
  const found = GUARDED_NUMBERS.flatMap((pattern) => new RegExp(`.{0,40}${pattern.source}`).exec(rest)?.[0] ?? []);
  expect(found).toEqual([]);
});

/** The text on one line, without the marks of comments. */
function flat(path: string): string {
  return oneLine(readText(path).replaceAll(/^\s*(?:\*|\/\/)(?=\s)/gm, ''));
}
