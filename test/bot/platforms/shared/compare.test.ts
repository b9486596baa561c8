// Comparison of secrets: equal only if every character is equal.
import { expect, test } from '@jest/globals';
import { equalSecrets } from '../../../../bot/platforms/shared/compare.ts';

test.each([
  { a: 'secret', b: 'secret', equal: true },
  { a: '', b: '', equal: true },
  { a: '密钥🔑', b: '密钥🔑', equal: true },
  { a: 'secret', b: 'secreT', equal: false },
  { a: 'secret', b: 'secret ', equal: false },
  { a: 'secret', b: 'sec', equal: false },
  { a: 'secret', b: '', equal: false },
  { a: 'é', b: 'e\u0301', equal: false },
  { a: 'a\u0000b', b: 'a', equal: false },
])('equalSecrets of $a and $b returns $equal', ({ a, b, equal }) => {
  expect(equalSecrets(a, b)).toBe(equal);
  expect(equalSecrets(b, a)).toBe(equal);
});
