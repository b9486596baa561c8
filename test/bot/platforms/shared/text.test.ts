// Text from the platforms: cleaning, and detection of blank text.
import { describe, expect, test } from '@jest/globals';
import { cleanText, isBlank } from '../../../../bot/platforms/shared/text.ts';

describe('cleanText', () => {
  test.each([
    ['spaces and line ends around', ' \n hello \t', 'hello'],
    ['a full-width space', '\u3000你好\u3000', '你好'],
    ['a lone high surrogate', 'a\ud83d', 'a\ufffd'],
    ['a lone low surrogate', '\ude80b', '\ufffdb'],
    ['NUL', 'a\u0000b\u0000', 'ab'],
    ['NUL inside a surrogate pair', '\ud83d\u0000\ude80', '\ufffd\ufffd'],
    ['an emoji of several characters', '👩‍💻', '👩‍💻'],
    ['right-to-left marks', '\u202eabc\u202c', '\u202eabc\u202c'],
    ['an empty text', '', ''],
  ])('cleans %s', (_name, text, clean) => {
    expect(cleanText(text)).toBe(clean);
  });
});

describe('isBlank for', () => {
  test.each([
    ['an empty text', '', true],
    ['spaces and line ends', ' \t\r\n\u3000\u00a0', true],
    ['zero-width space, joiner and non-joiner', '\u200b\u200c\u200d', true],
    ['byte order mark and word joiner', '\ufeff\u2060', true],
    ['right-to-left marks alone', '\u200f\u202e', true],
    ['a soft hyphen', '\u00ad', true],
    ['a Hangul filler', '\u3164', true],
    ['control characters', '\u0001\u001b\u007f', true],
    ['a letter between zero-width spaces', '\u200ba\u200b', false],
    ['an emoji with joiners', '👩‍💻', false],
    ['a replacement character', '\ufffd', false],
    ['a full stop', '.', false],
  ])('%s', (_name, text, blank) => {
    expect(isBlank(text)).toBe(blank);
  });
});
