// The bot's own sentences: the language is the person's.
import { expect, test } from '@jest/globals';
import { languageOfMessage, type Phrases, phrasesIn, say } from '../../../bot/conversation/phrases.ts';
import { withQuote } from '../../../bot/conversation/with-quote.ts';
import { PUSH_ERROR_CLASSES, PUSH_OUTCOMES } from '../../../bot/domain/delivery.ts';
import { type Language, languageOf, languageOfNames } from '../../../bot/domain/language.ts';

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

test.each([
  [['Tom', undefined], undefined],
  [['Tom', '运维群'], 'zh'],
  [[], undefined],
])('names %j show the language %s', (names, language) => {
  expect(languageOfNames(...names)).toBe(language);
});

test.each([
  [{ text: 'hello', language: 'zh' as const }, 'en'],
  [{ text: '', language: 'zh' as const }, 'zh'],
  [{ text: '' }, undefined],
  [{ text: '👍 ？', language: 'zh' as const }, 'zh'],
  [{ text: '123!' }, undefined],
])('%j is from a person who speaks %s', (message, language) => {
  expect(languageOfMessage(message)).toBe(language);
});

test('a person whose language is not known gets both', () => {
  const both = say({ text: '' }, ({ busy }) => busy);
  expect(both).toBe(`${phrasesIn('zh').busy}\n${phrasesIn('en').busy}`);
});

test.each<[Language, string, string]>([
  ['en', 'why?', 'Quoted message:\n> a\n> b\n\nwhy?'],
  ['zh', '为什么？', '引用的消息：\n> a\n> b\n\n为什么？'],
  ['zh', '', '引用的消息：\n> a\n> b'],
])('a quotation in front of %s %j', (language, question, whole) => {
  expect(withQuote(question, 'a\nb', language)).toBe(whole);
  expect(withQuote(question, undefined, language)).toBe(question);
});

type Status = Phrases['status'];
const seen: Parameters<Status['platform']>[1] = { apps: [], botIdProblems: {}, lastInboundAt: null, lastPush: null };
const connection: Parameters<Status['connection']>[1] = {
  ...{ platform: 'feishu', appId: '', up: false, connectedSince: null, downSince: null, lastFrameAt: null },
  ...{ lastEventAt: null, restarts: 0, failures: 0, flaps: 0, lastError: null },
};
const queues: Parameters<Status['outbox']>[0] = {
  inbox: { depth: 0, oldestAgeSeconds: 0 },
  outbox: { pending: 0, sending: 0, unknown: 0, dead: 0, oldestAgeSeconds: 0 },
};
const report: Parameters<Status['summary']>[0] = {
  service: { name: '', version: '', commit: '', pid: 1, startedAt: '' },
  profile: 'embedded',
  readiness: { status: 'ready', conditions: [] },
  platforms: {},
  organisations: { bound: [], unknown: [] },
  connections: [],
  queues,
  sessions: { active: 0, limit: 1 },
  model: { kind: 'offline', name: '' },
  database: { dialect: 'sqlite' },
  log: { dir: '' },
};
const conditionIds = ['running', 'database', 'log_dir', 'disk', 'connection'] as const;

/** What each sentence with gaps is filled with, in all its variants. A new one has to be added here. */
const fillings: Record<string, (phrases: Phrases) => string[]> = {
  unreadable: ({ unreadable }) =>
    (['image', 'file', 'audio', 'video', 'sticker', 'location', 'card', 'other'] as const).map(unreadable),
  unknownCommand: ({ unknownCommand }) => [unknownCommand('', undefined), unknownCommand('', '1')],
  whoami: ({ whoami }) => [whoami('')],
  'status.summary': ({ status }) =>
    (['offline', 'remote'] as const).map((kind) => status.summary({ ...report, model: { kind, name: '' } }, '', '')),
  'status.failing': ({ status }) => [
    ...conditionIds.map((id) => status.failing({ id, level: 'required', ok: false, detail: '' })),
    status.failing({ id: 'disk', level: 'required', ok: false, detail: '0.5 % free' }),
  ],
  'status.inbox': ({ status }) => [status.inbox(queues)],
  'status.outbox': ({ status }) => [status.outbox(queues)],
  'status.platform': ({ status }) => [
    status.platform('', seen),
    ...PUSH_OUTCOMES.map((outcome) =>
      status.platform('', { ...seen, lastPush: { at: '', outcome, class: null, code: null } }),
    ),
    ...PUSH_ERROR_CLASSES.map((name) =>
      status.platform('', { ...seen, lastPush: { at: '', outcome: 'failed', class: name, code: '1' } }),
    ),
  ],
  'status.connection': ({ status }) => [
    status.connection('', connection),
    status.connection('', { ...connection, downSince: '1' }),
    status.connection('', { ...connection, up: true, connectedSince: '1' }),
  ],
  'status.build': ({ status }) => [status.build(report)],
  'diagnose.failed': ({ diagnose }) => [diagnose.failed(2)],
};

/** All sentences below `phrases`, by their path. */
function sentences(whole: Phrases, phrases: object = whole, path = ''): [string, string][] {
  return Object.entries(phrases).flatMap(([name, value]): [string, string][] => {
    if (typeof value === 'string') return [[`${path}${name}`, value]];
    if (typeof value !== 'function') return sentences(whole, value, `${path}${name}.`);
    const filled = fillings[`${path}${name}`];
    if (!filled) throw new Error(`No filling for ${path}${name}.`);
    return filled(whole).map((text) => [`${path}${name}`, text]);
  });
}

/** Names that have no Chinese form. */
const PROPER_NAMES = /OPERATORS|dist\/ops|`npm run -s diagnose`|embedded|sqlite/g;

test('each language has every sentence, in its own words', () => {
  const [english, chinese] = [sentences(phrasesIn('en')), sentences(phrasesIn('zh'))];
  expect(english.map(([path]) => path)).toEqual(chinese.map(([path]) => path));
  expect(english.filter(([path, text]) => languageOf(text) !== 'en' || text === '' || path === '')).toEqual([]);
  expect(chinese.filter(([, text]) => languageOf(text) !== 'zh')).toEqual([]);
  expect(chinese.filter(([, text]) => /[A-Za-z]{3,}/.test(text.replaceAll(PROPER_NAMES, '')))).toEqual([]);
});

test('a Chinese sentence sends nobody to an English command', () => {
  const commands = sentences(phrasesIn('zh')).filter(([, text]) => /(?<![\w/])\/[a-z]/.test(text));
  expect(commands).toEqual([]);
});

test('a command that nothing comes near is not guessed at', () => {
  expect(phrasesIn('en').unknownCommand('xyz', undefined)).toBe('There is no command /xyz. /help lists the commands.');
  expect(phrasesIn('zh').unknownCommand('帮忙', '帮助')).toBe(
    '没有 /帮忙 这个命令。您是想用 /帮助 吗？发送 /帮助 可查看所有命令。',
  );
});
