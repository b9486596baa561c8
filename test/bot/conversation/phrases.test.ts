// The bot's own sentences: the language is the person's.
import { expect, test } from '@jest/globals';
import { languageOf, phrasesFor } from '../../../bot/conversation/phrases.ts';

test.each([
  ['hello', 'en'],
  ['', 'en'],
  ['/help', 'en'],
  ['你好', 'zh'],
  ['/帮助', 'zh'],
  ['what does 会话 mean?', 'zh'],
  ['𠮷', 'zh'],
  ['안녕', 'en'],
  ['！？，。', 'en'],
])('%j is answered in %s', (text, language) => {
  expect(languageOf(text)).toBe(language);
});

/** All sentences below `phrases`, by their path; those with gaps are filled with what their call gives. */
function sentences(phrases: object, path = ''): [string, string][] {
  return Object.entries(phrases).flatMap(([name, value]) => {
    if (typeof value === 'string') return [[`${path}${name}`, value] as [string, string]];
    return typeof value === 'function' ? [] : sentences(value, `${path}${name}.`);
  });
}

test('each language has every sentence, in its own words', () => {
  const [english, chinese] = [sentences(phrasesFor('a')), sentences(phrasesFor('中'))];
  expect(english.map(([path]) => path)).toEqual(chinese.map(([path]) => path));
  expect(english.filter(([, text]) => languageOf(text) !== 'en')).toEqual([]);
  expect(chinese.filter(([, text]) => languageOf(text) !== 'zh')).toEqual([]);
});

test('a command that nothing comes near is not guessed at', () => {
  expect(phrasesFor('a').unknownCommand('xyz', undefined)).toBe('There is no command /xyz. /help lists the commands.');
  expect(phrasesFor('中').unknownCommand('帮忙', '帮助')).toBe(
    '没有 /帮忙 这个命令。您是想用 /帮助 吗？发送 /帮助 可查看所有命令。',
  );
});
