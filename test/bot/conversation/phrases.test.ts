// Fixed phrases of the bot, and the language they are sent in.
import { expect, test } from '@jest/globals';
import { languageOfMessage, type Phrases, phraseFor, phrasesIn } from '../../../bot/conversation/phrases.ts';
import { withQuote } from '../../../bot/conversation/with-quote.ts';
import { FATES, PUSH_ERROR_CLASSES } from '../../../bot/domain/delivery.ts';
import { type Language, languageOf, languageOfNames } from '../../../bot/domain/language.ts';
import { platformIds } from '../../../bot/platforms/registry.ts';

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
])('detects for %j the language %s', (text, language) => {
  expect(languageOf(text)).toBe(language);
});

test.each([
  [['Tom', undefined], undefined],
  [['Tom', '运维群'], 'zh'],
  [[], undefined],
])('detects for the names %j the language %s', (names, language) => {
  expect(languageOfNames(...names)).toBe(language);
});

test.each([
  [{ text: 'hello', language: 'zh' as const }, 'en'],
  [{ text: '', language: 'zh' as const }, 'zh'],
  [{ text: '' }, undefined],
  [{ text: '👍 ？', language: 'zh' as const }, 'zh'],
  [{ text: '123!' }, undefined],
])('detects for the message %j the language %s', (message, language) => {
  expect(languageOfMessage(message)).toBe(language);
});

test('sends a phrase in both languages if the sender’s is unknown', () => {
  const both = phraseFor({ text: '' }, ({ busy }) => busy);
  expect(both).toBe(`${phrasesIn('zh').busy}\n${phrasesIn('en').busy}`);
});

test.each<[Language, string, string]>([
  ['en', 'why?', 'Quoted message:\n> a\n> b\n\nwhy?'],
  ['zh', '为什么？', '引用的消息：\n> a\n> b\n\n为什么？'],
  ['zh', '', '引用的消息：\n> a\n> b'],
])('puts a quotation in %s before %j', (language, question, text) => {
  expect(withQuote(question, 'a\nb', language)).toBe(text);
  expect(withQuote(question, undefined, language)).toBe(question);
});

type StatusPhrases = Phrases['status'];
const platform: Parameters<StatusPhrases['platform']>[1] = {
  apps: [],
  botIdProblems: {},
  lastInboundAt: null,
  lastPush: null,
};
const connection: Parameters<StatusPhrases['connection']>[1] = {
  ...{ platform: 'feishu', appId: '', up: false, connectedSince: null, downSince: null, lastFrameAt: null },
  ...{ lastEventAt: null, restarts: 0, failures: 0, flaps: 0, lastError: null },
};
const queues: Parameters<StatusPhrases['outbox']>[0] = {
  inbox: { depth: 0, oldestAgeSeconds: 0 },
  outbox: { pending: 0, sending: 0, unknown: 0, dead: 0, oldestAgeSeconds: 0 },
};
const report: Parameters<StatusPhrases['summary']>[0] = {
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
const conditionIds = ['database', 'log_dir', 'disk', 'connection'] as const;

/** All variants of each phrase with parameters. A new phrase with parameters must be added here. */
const variants: Record<string, (phrases: Phrases) => string[]> = {
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
  'status.platformName': ({ status }) => platformIds().map(status.platformName),
  'status.platform': ({ status }) => [
    status.platform('', platform),
    ...FATES.map((outcome) =>
      status.platform('', { ...platform, lastPush: { at: '', outcome, class: null, code: null } }),
    ),
    ...PUSH_ERROR_CLASSES.map((name) =>
      status.platform('', { ...platform, lastPush: { at: '', outcome: 'dead', class: name, code: '1' } }),
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

/** Returns all texts below `node` with their paths. */
function textsOf(phrases: Phrases, node: object = phrases, path = ''): [string, string][] {
  return Object.entries(node).flatMap(([name, value]): [string, string][] => {
    if (typeof value === 'string') return [[`${path}${name}`, value]];
    if (typeof value !== 'function') return textsOf(phrases, value, `${path}${name}.`);
    const variantsOf = variants[`${path}${name}`];
    if (!variantsOf) throw new Error(`No variants for ${path}${name}. Add them to \`variants\`.`);
    return variantsOf(phrases).map((text) => [`${path}${name}`, text]);
  });
}

/** Names that are not translated. */
const PROPER_NAMES = /OPERATORS|dist\/ops|`\.\/chatbot diagnose`|embedded|sqlite/g;

test('both languages have every phrase, translated completely', () => {
  const [english, chinese] = [textsOf(phrasesIn('en')), textsOf(phrasesIn('zh'))];
  expect(english.map(([path]) => path)).toEqual(chinese.map(([path]) => path));
  expect(english.filter(([path, text]) => languageOf(text) !== 'en' || text === '' || path === '')).toEqual([]);
  expect(chinese.filter(([, text]) => languageOf(text) !== 'zh')).toEqual([]);
  expect(chinese.filter(([, text]) => /[A-Za-z]{3,}/.test(text.replaceAll(PROPER_NAMES, '')))).toEqual([]);
});

test('Chinese phrases mention only Chinese commands', () => {
  const commands = textsOf(phrasesIn('zh')).filter(([, text]) =>
    /(?<![\w/])\/[a-z]/.test(text.replaceAll(PROPER_NAMES, '')),
  );
  expect(commands).toEqual([]);
});

test('an unknown command gets a suggestion only if a name is similar', () => {
  expect(phrasesIn('en').unknownCommand('xyz', undefined)).toBe('There is no command /xyz. /help lists the commands.');
  expect(phrasesIn('zh').unknownCommand('帮忙', '帮助')).toBe(
    '没有 /帮忙 这个命令。您是想用 /帮助 吗？发送 /帮助 可查看所有命令。',
  );
});
