// Text between the platforms and the bot: cleaned on the way in, split on the way out.
import { describe, expect, test } from '@jest/globals';
import { cleanText, isBlank, splitText } from '../../../bot/channels/text.ts';
import { createRandom } from './random.ts';

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
    ['nothing', '', ''],
  ])('%s', (_name, text, clean) => {
    expect(cleanText(text)).toBe(clean);
  });
});

describe('isBlank', () => {
  test.each([
    ['nothing', '', true],
    ['spaces and line ends', ' \t\r\n\u3000\u00a0', true],
    ['zero-width space, joiner and non-joiner', '\u200b\u200c\u200d', true],
    ['byte order mark and word joiner', '\ufeff\u2060', true],
    ['right-to-left marks alone', '\u200f\u202e', true],
    ['a soft hyphen', '\u00ad', true],
    ['a Hangul filler', '\u3164', true],
    ['a letter between zero-width spaces', '\u200ba\u200b', false],
    ['an emoji with joiners', '👩‍💻', false],
    ['a replacement character', '\ufffd', false],
    ['a full stop', '.', false],
  ])('%s', (_name, text, blank) => {
    expect(isBlank(text)).toBe(blank);
  });
});

describe('splitText', () => {
  test.each([
    ['nothing', '', 10, []],
    ['exactly the limit', '0123456789', 10, ['0123456789']],
    ['one byte over', '0123456789a', 10, ['0123456789', 'a']],
    ['at a line end in the second half', 'first li\nnext', 10, ['first li\n', 'next']],
    ['not at a line end in the first half', 'a\nbcdefghijk', 10, ['a\nbcdefghi', 'jk']],
    ['at the last of several line ends', 'one\ntwo\nthree', 10, ['one\ntwo\n', 'three']],
    ['three bytes a character', '你好世界', 10, ['你好世', '界']],
    ['an emoji that would be cut', '0123456789🚀'.slice(3), 10, ['3456789', '🚀']],
    ['emoji only', '🚀🚀🚀', 10, ['🚀🚀', '🚀']],
    ['a byte order mark at a cut', '0123456789\ufeffa', 10, ['0123456789', '\ufeffa']],
    ['lone surrogates count as the three bytes they become', '\ud83d'.repeat(4), 10, ['\ud83d'.repeat(3), '\ud83d']],
  ])('%s', (_name, text, maxBytes, parts) => {
    expect(splitText(text, maxBytes)).toEqual(parts);
  });

  test('parts of any text fit, lose nothing and are whole characters', () => {
    const random = createRandom(7);
    for (let round = 0; round < 300; round += 1) {
      const text = random.text(random.int(400));
      const maxBytes = 4 + random.int(60);
      const parts = splitText(text, maxBytes);
      expect(parts.join('')).toBe(text);
      expect(parts.filter((part) => part === '' || Buffer.byteLength(part) > maxBytes)).toEqual([]);
      expect(parts.filter((part) => !part.isWellFormed())).toEqual([]);
    }
  });

  test.each([0, 3, -1, Number.NaN])(
    'a limit of %d bytes, which no emoji fits, is refused instead of looping',
    (limit) => {
      expect(() => splitText('🚀', limit)).toThrow('at least 4 bytes');
    },
  );
});
