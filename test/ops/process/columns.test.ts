// Aligned columns of text.
import { expect, test } from '@jest/globals';
import { columns } from '../../../ops/process/columns.ts';

test('makes every column as wide as its longest cell, without control characters', () => {
  const text = columns([
    ['id', 'state'],
    ['1', 'de\u001bad', 'more'],
    ['100', ''],
  ]);
  expect(text.split('\n')).toEqual(['  id   state', '  1    de ad  more', '  100']);
});

test('aligns many rows in one pass', () => {
  // A width per cell would take hours, and all rows as arguments of one call would exceed the stack.
  const rows = Array.from({ length: 200_000 }, (_, index) => [String(index), 'dead']);
  expect(columns(rows).split('\n')).toHaveLength(200_000);
});

test('returns nothing for no rows', () => {
  expect(columns([])).toBe('');
});
