// Everything people send and everything that happens in a chat, over the real wire.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { CallbackResult } from '../../../../../bot/domain/callback.ts';
import type { InboundMessage } from '../../../../../bot/domain/message.ts';
import { receiveFeishu } from '../../../../../bot/platforms/feishu/inbound/receive.ts';
import { app, eventV1, eventV2, sealed } from '../callbacks.ts';
import { type ListeningChannel, startListeningChannel } from '../listening-channel.ts';

const infoPath = '/open-apis/bot/v3/info';
let world: ListeningChannel;

/** An event of schema 1.0 in a group, with these members. */
function eventWith(members: object) {
  const { text_without_at_bot: _without, ...event } = eventV1({ chatType: 'group', mentionsBot: true }).event;
  return { body: { ...eventV1(), event: { ...event, ...members } } };
}

/** An action on a card, with these members. */
function cardEvent(event: object) {
  const { schema, header } = eventV2();
  return sealed({ schema, header: { ...header, event_type: 'card.action.trigger' }, event });
}

function messageOf(verdict: CallbackResult | undefined): InboundMessage {
  if (verdict?.kind !== 'message') throw new Error(`No message: ${JSON.stringify(verdict)}`);
  return verdict.message;
}

describe('in a private chat', () => {
  beforeAll(async () => {
    world = await startListeningChannel();
  });
  afterAll(() => world.stop());

  const tagged = [
    [
      { tag: 'text', text: 'see ' },
      { tag: 'a', href: 'https://a.example/x', text: 'this' },
      { tag: 'text', text: ' and ' },
      { tag: 'a', href: 'https://b.example', text: 'https://b.example' },
    ],
    [
      { tag: 'at', user_id: '@_user_1', user_name: 'Tom' },
      { tag: 'emotion', emoji_type: 'SMILE' },
    ],
    [{ tag: 'code_block', language: 'TYPESCRIPT', text: 'let a = 1;\n' }],
    [
      { tag: 'img', image_key: 'img_1' },
      { tag: 'media', file_key: 'file_1' },
    ],
    [{ tag: 'hr' }],
    [{ tag: 'novelty', text: 'new', href: null }, { nothing: 1 }],
  ];

  test('a rich text becomes Markdown', async () => {
    await world.lab.feishu.sendPost({ title: 'Title', content: tagged });
    expect(messageOf(world.verdicts.at(-1)).text).toBe(
      [
        'Title',
        'see [this](https://a.example/x) and https://b.example',
        '@Tom:SMILE:',
        '```typescript\nlet a = 1;\n```',
        '[image][video]',
        '---',
        'new',
      ].join('\n'),
    );
  });

  test.each([
    ['a\n```\nb', '````\na\n```\nb\n````'],
    ['````md\n```\n````', '`````\n````md\n```\n````\n`````'],
    ['``', '```\n``\n```'],
  ])('code %j that holds fences stays one block', async (text, expected) => {
    await world.lab.feishu.sendPost({ content: [[{ tag: 'code_block', text }]] });
    expect(messageOf(world.verdicts.at(-1)).text).toBe(expected);
  });

  test.each([
    ['of a picture only', [[{ tag: 'img', image_key: 'img_1' }]], { text: '', attachment: 'image' }],
    ['of a video and blanks', [[{ tag: 'media' }, { tag: 'text', text: ' ' }]], { text: '', attachment: 'video' }],
    ['of a picture and a word', [[{ tag: 'img' }, { tag: 'text', text: '?' }]], { text: '[image]?' }],
  ])('a rich text %s', async (_name, content, expected) => {
    await world.lab.feishu.sendPost({ content });
    const { text, attachment } = messageOf(world.verdicts.at(-1));
    expect({ text, ...(attachment ? { attachment } : {}) }).toEqual(expected);
  });

  test.each([
    ['image', 'image'],
    ['file', 'file'],
    ['folder', 'file'],
    ['audio', 'audio'],
    ['media', 'video'],
    ['sticker', 'sticker'],
    ['location', 'location'],
    ['interactive', 'card'],
    ['share_chat', 'other'],
    ['share_user', 'other'],
    ['merge_forward', 'other'],
    ['something_new', 'other'],
    ['constructor', 'other'],
  ])('%s is an attachment, in both schemas', async (type, attachment) => {
    for (const schema of ['1.0', '2.0'] as const) {
      const { messageId, chatId } = await world.lab.feishu.sendOther({ type, schema });
      expect(messageOf(world.verdicts.at(-1))).toMatchObject({ messageId, chatId, text: '', attachment });
    }
  });

  test('an empty rich text and a notice of the system are ignored', async () => {
    await world.lab.feishu.sendPost({ content: [[{ tag: 'text', text: ' ' }]] });
    await world.lab.feishu.sendOther({ type: 'system' });
    expect(world.verdicts.slice(-2)).toMatchObject([{ reason: 'empty_text' }, { reason: 'not_text' }]);
  });

  const line = [{ tag: 'text', text: 'hello' }];
  test.each([
    ['in Chinese', { zh_cn: { title: 'T', content: [line] } }],
    ['in English', { en_us: { title: 'T', content: [line] } }],
    ['in a language of its own', { ja_jp: { title: 'T', content: [line] } }],
    ['in two languages', { en_us: { title: 'no', content: [] }, zh_cn: { title: 'T', content: [line] } }],
    ['with an empty first language', { zh_cn: { title: '', content: [] }, en_us: { title: 'T', content: [line] } }],
    ['with null for a language', { zh_cn: null, en_us: { title: 'T', content: [line] } }],
    ['under post', { post: { zh_cn: { title: 'T', content: [line] } } }],
    ['under post, without a language', { post: { title: 'T', content: [line] } }],
    ['without a language', { title: 'T', content: [line] }],
    ['with null between', { title: 'T', content: [null, [null, ...line, null]] }],
    ['with elements in place of paragraphs', { title: 'T', content: line }],
  ])('a rich text %s', async (_name, content) => {
    await world.lab.feishu.sendOther({ type: 'post', content });
    expect(messageOf(world.verdicts.at(-1)).text.replaceAll(/\n+/g, '\n')).toBe('T\nhello');
  });

  test.each([
    ['md', { tag: 'md', text: '**bold**' }, '**bold**'],
    ['code', { tag: 'code_block', language: null, text: 'a' }, '```\na\n```'],
    ['a title of null', { tag: 'text', text: 'a' }, 'a'],
    ['everybody', { tag: 'at', user_id: 'all', user_name: null }, '@all'],
    ['a person out of the list', { tag: 'at', user_id: 'ou_x', user_name: 'Ann' }, '@Ann'],
  ])('a rich text with %s', async (_name, element, text) => {
    await world.lab.feishu.sendOther({ type: 'post', content: { title: null, content: [[element]] } });
    expect(messageOf(world.verdicts.at(-1)).text).toBe(text);
  });

  test('the bot’s own name goes, also where the id of the bot is not asked for', async () => {
    await world.lab.feishu.sendText({ text: '/help', mentionsBot: true });
    expect(messageOf(world.verdicts.at(-1)).text).toBe('/help');
    expect(world.paths).toEqual([]);
  });

  test('a reply names the message that it quotes', async () => {
    await world.lab.feishu.sendText({ text: 'why?', parentId: 'om_0' });
    expect(messageOf(world.verdicts.at(-1))).toMatchObject({ text: 'why?', quotedId: 'om_0' });
    await world.lab.feishu.sendText({ text: 'why?', parentId: 'om_0', schema: '1.0' });
    expect(messageOf(world.verdicts.at(-1))).toMatchObject({ text: 'why?', quotedId: 'om_0' });
  });

  test('a thread is kept with the message', async () => {
    const { messageId, chatId } = await world.lab.feishu.sendText({ text: 'hi', threadId: 'omt_1' });
    const { target } = messageOf(world.verdicts.at(-1));
    expect(target).toEqual({ chatId, chatType: 'p2p', messageId, threadId: 'omt_1' });
  });

  test.each([
    ['bot_added', '2.0'],
    ['bot_added', '1.0'],
    ['bot_removed', '2.0'],
    ['bot_removed', '1.0'],
    ['chat_disbanded', '2.0'],
    ['chat_disbanded', '1.0'],
  ] as const)('%s, schema %s', async (event, schema) => {
    const { chatId } = await world.lab.feishu.sendChatEvent(event, { schema, userId: 'ou_admin', eventId: 'ev_1' });
    expect(messageOf(world.verdicts.at(-1))).toMatchObject({
      event,
      chatId,
      chatType: 'group',
      messageId: 'ev_1',
      eventId: 'ev_1',
      userId: 'ou_admin',
      text: '',
      target: { chatId, chatType: 'group' },
    });
  });

  test('a read receipt is known and of no use', async () => {
    await world.lab.feishu.sendReadReceipt(['om_1']);
    expect(world.verdicts.at(-1)).toMatchObject({ kind: 'ignored', reason: 'unused_event_type', body: {} });
  });

  test('a pressed button speaks for the one who pressed it', async () => {
    const { messageId } = world.lab.feishu.buildCallback({ text: 'the card stands here', chatId: 'oc_1' });
    const press = { messageId, userId: 'ou_1', eventId: 'ev_2' };
    const answer = await world.lab.feishu.pressButton({ ...press, value: { say: '/help' } });
    expect(JSON.parse(answer.body)).toEqual({
      toast: {
        type: 'info',
        content: 'Got it, one moment.',
        i18n: { zh_cn: '收到，请稍候。', en_us: 'Got it, one moment.' },
      },
    });
    expect(messageOf(world.verdicts.at(-1))).toMatchObject({
      messageId: 'ev_2',
      eventId: 'ev_2',
      chatId: 'oc_1',
      userId: 'ou_1',
      text: '/help',
      target: { chatId: 'oc_1', messageId },
    });
  });

  const submitted = { tag: 'button', name: 'Button_lq544v6r', form_value: { Input_1: 'x' } };
  test.each<[string, object]>([
    ['a form without a value', submitted],
    ['a form with null', { ...submitted, value: null, form_value: null }],
    ['a name only', { name: 'submit' }],
    ['a tag only', { tag: 'button' }],
    ['nothing', {}],
    ['a menu', { tag: 'select_static', option: '1', value: {} }],
    ['a menu of several', { tag: 'multi_select_static', options: ['1', '2'] }],
    ['a person', { tag: 'select_person', option: 'ou_1' }],
    ['a date', { tag: 'date_picker', option: '2026-01-01 +0800', timezone: 'Asia/Shanghai' }],
    ['a date and time', { tag: 'picker_datetime', option: '2026-01-01 10:00 +0800' }],
    ['a checkbox', { tag: 'checker', checked: true, name: 'c' }],
    ['an overflow menu', { tag: 'overflow', option: 'a', value: { key: 'v' } }],
    ['an input', { tag: 'input', input_value: '/help', name: 'i' }],
    ['a value that is text', { tag: 'button', value: '{"say":"/help"}' }],
    ['a value that is a list', { tag: 'button', value: ['say'] }],
  ])('a card with %s gets a toast', async (_name, action) => {
    const { messageId } = world.lab.feishu.buildCallback({ text: 'the card stands here' });
    const answer = await world.lab.feishu.pressButton({ messageId, action });
    expect(answer).toMatchObject({ status: 200, error: null });
    expect(JSON.parse(answer.body)).toEqual({
      toast: {
        type: 'warning',
        content: 'This button does nothing here.',
        i18n: { zh_cn: '此按钮在这里不起作用。', en_us: 'This button does nothing here.' },
      },
    });
    expect(world.verdicts.at(-1)).toMatchObject({ kind: 'ignored', reason: 'unused_event_type' });
  });

  test.each([
    ['context', { context: null }],
    ['context.open_chat_id', { context: { open_message_id: 'om_1' } }],
    ['operator', { operator: undefined }],
    ['action', { action: undefined }],
    ['action', { action: null }],
  ])('an action without %s gets a toast, too', (_name, changes) => {
    const context = { open_message_id: 'om_1', open_chat_id: 'oc_1' };
    const pressed = { operator: { open_id: 'ou_1' }, context, action: { value: { say: '/help' } } };
    expect(receiveFeishu([app], cardEvent(pressed))).toMatchObject({ kind: 'message' });
    const verdict = receiveFeishu([app], cardEvent({ ...pressed, ...changes }));
    expect(verdict).toMatchObject({ kind: 'ignored', body: { toast: { type: 'warning' } } });
  });

  test.each([[{}], [{ say: ' ' }], [{ say: 1 }], ['say'], [null]])('a button with %j says so', async (value) => {
    const { messageId } = world.lab.feishu.buildCallback({ text: 'the card stands here' });
    const answer = await world.lab.feishu.pressButton({ messageId, value });
    expect(JSON.parse(answer.body)).toMatchObject({ toast: { type: 'warning' } });
    expect(world.verdicts.at(-1)).toMatchObject({ kind: 'ignored', reason: 'unused_event_type' });
  });
});

describe('in a group', () => {
  beforeEach(async () => {
    world = await startListeningChannel();
  });
  afterEach(() => world.stop());
  const tom = { openId: 'ou_tom', name: 'Tom' };
  const say = (text: string, given: object = {}) => world.lab.feishu.sendText({ text, chatType: 'group', ...given });
  const learn = async () => {
    await say('first');
    await world.channel.isAddressed(messageOf(world.verdicts.at(-1)));
  };

  test('before the bot knows its id, a message is judged later and nobody waits for that', async () => {
    await world.lab.setFault('feishu-stall', true);
    const answer = await say('/status now');
    expect(answer).toMatchObject({ status: 200, error: null });
    const message = messageOf(world.verdicts.at(-1));
    expect(message).toMatchObject({ text: '/status now', mentions: [world.botOpenId] });
  });

  test.each([
    ['the bot', {}, true],
    ['the bot and Tom', { mentions: [tom] }, true],
    ['Tom', { mentionsBot: false, mentions: [tom] }, false],
  ])('mentioning %s', async (_name, given, addressed) => {
    await say('@Tom hello', given);
    expect(await world.channel.isAddressed(messageOf(world.verdicts.at(-1)))).toBe(addressed);
    await say('@Tom hello', given);
    expect(world.verdicts.at(-1)).toMatchObject(
      addressed ? { kind: 'message' } : { kind: 'ignored', reason: 'not_mentioned' },
    );
    expect(world.verdicts.at(-1)).not.toHaveProperty('message.mentions');
  });

  const ann = { tag: 'at', user_id: '@_user_2', user_name: 'Tom' };
  const own = { tag: 'at', user_id: '@_user_1', user_name: 'Bot' };
  const say1 = (text: string) => [{ tag: 'text', text }];
  test.each<[string, object[][], string]>([
    ['in front of a command', [[own, ...say1(' /help')]], '/help'],
    ['in a paragraph of its own', [[own], say1('/help')], '/help'],
    ['at the end', [[...say1('/help '), own]], '/help'],
    ['beside others', [[own, ann, ...say1(' why?')]], '@Tom why?'],
    ['by its id', [[{ ...own, user_id: 'BOT' }, ...say1('/help')]], '/help'],
  ])('in a rich text the bot’s name goes: %s', async (_where, content, text) => {
    await learn();
    const withId = JSON.parse(JSON.stringify(content).replace('"BOT"', `"${world.botOpenId}"`));
    await world.lab.feishu.sendPost({ content: withId, chatType: 'group', mentions: [tom] });
    expect(messageOf(world.verdicts.at(-1)).text).toBe(text);
  });

  test('a bot that is mentioned twice is left out twice', async () => {
    await learn();
    const again = { openId: world.botOpenId, name: 'Again' };
    await say('@Bot /help @Again', { mentions: [again] });
    expect(messageOf(world.verdicts.at(-1)).text).toBe('/help');
  });

  describe('a mention alone is a message without words', () => {
    test.each(['2.0', '1.0'] as const)('schema %s', async (schema) => {
      await learn();
      await say('', { schema });
      expect(messageOf(world.verdicts.at(-1))).toMatchObject({ text: '' });
      expect(messageOf(world.verdicts.at(-1))).not.toHaveProperty('attachment');
    });

    test('as a rich text', async () => {
      await learn();
      await world.lab.feishu.sendPost({ content: [[own]], chatType: 'group' });
      expect(messageOf(world.verdicts.at(-1))).toMatchObject({ text: '' });
    });

    test('before the bot knows its id, and in a private chat', async () => {
      await say('');
      expect(messageOf(world.verdicts.at(-1))).toMatchObject({ text: '', mentions: [world.botOpenId] });
      await world.lab.feishu.sendText({ text: '', mentionsBot: true });
      expect(messageOf(world.verdicts.at(-1))).toMatchObject({ text: '' });
    });

    test('a message that was recalled is none', async () => {
      await learn();
      await world.lab.feishu.sendOther({ type: 'text', content: {}, chatType: 'group' });
      expect(world.verdicts.at(-1)).toMatchObject({ kind: 'ignored', reason: 'empty_text' });
    });

    test('names around it show the language', async () => {
      await learn();
      await say('@张三', { mentions: [{ openId: 'ou_zhang', name: '张三' }] });
      expect(messageOf(world.verdicts.at(-1)).language).toBe('zh');
      await world.lab.feishu.sendChatEvent('bot_added', { name: '运维群' });
      expect(messageOf(world.verdicts.at(-1)).language).toBe('zh');
      await world.lab.feishu.sendChatEvent('bot_added', { name: 'ops' });
      expect(messageOf(world.verdicts.at(-1))).not.toHaveProperty('language');
    });
  });

  test('schema 1.0 without its second text: the first mention is the bot’s', async () => {
    const { body } = eventWith({
      text: '<at open_id="ou_b">@机器人</at> ask <at open_id="ou_t">@Tom</at> <at user_id="all"></at>',
    });
    const verdict = receiveFeishu([app], sealed(body));
    expect(messageOf(verdict)).toMatchObject({ text: 'ask @Tom @all', language: 'zh' });
  });

  test.each([
    [{ threadId: 'omt_1' }, 'omt_1'],
    [{ threadId: 'omt_1', parentId: 'om_0' }, 'omt_1'],
    [{ parentId: 'om_0', rootId: 'omt_1' }, 'omt_1'],
    [{ parentId: 'om_0' }, undefined],
    [{}, undefined],
  ])('the topic of %j is %s', async (given, topic) => {
    await learn();
    await say('hi', given);
    const { topicId, target } = messageOf(world.verdicts.at(-1));
    expect({ topicId, target }).toMatchObject({ topicId: topic, target: topic ? { threadId: topic } : {} });
  });

  test('names of others stay in the text, the bot’s goes', async () => {
    await learn();
    await say('@Tom and @Bot, hello', { mentions: [tom] });
    expect(messageOf(world.verdicts.at(-1)).text).toBe('@Tom and , hello');
  });

  test.each([
    ['nobody', { mentionsBot: false }],
    ['@all', { mentionsBot: false, text: '@all hello' }],
    ['nobody, schema 1.0', { mentionsBot: false, schema: '1.0' }],
  ])('mentioning %s asks the platform nothing', async (_name, given) => {
    await say('hello', given);
    expect(world.verdicts.at(-1)).toMatchObject({ kind: 'ignored', reason: 'not_mentioned' });
    expect(world.paths).toEqual([]);
  });

  test('schema 1.0 says itself whether the bot is meant', async () => {
    await say('hello', { schema: '1.0' });
    expect(messageOf(world.verdicts.at(-1))).toMatchObject({ text: 'hello' });
    expect(world.paths).toEqual([]);
  });

  test('an image mentions nobody and is left alone', async () => {
    await world.lab.feishu.sendOther({ type: 'image', chatType: 'group', mentionsBot: false });
    expect(world.verdicts.at(-1)).toMatchObject({ kind: 'ignored', reason: 'not_mentioned' });
  });

  test('private chats never need the id, and everybody keeps their name there', async () => {
    await world.lab.feishu.sendText({ text: 'ask @Tom', mentions: [tom] });
    expect(messageOf(world.verdicts.at(-1)).text).toBe('ask @Tom');
    expect(world.paths).toEqual([]);
  });

  test('before the id is known, the mention of a bot is taken for its own', async () => {
    await say('@Tom asks @Bot why', { mentions: [tom] });
    expect(messageOf(world.verdicts.at(-1)).text).toBe('@Tom asks  why');
  });

  test('one question for all who wait, and none when it is known', async () => {
    await Promise.all([say('a'), say('b'), say('c')]);
    const messages = world.verdicts.map(messageOf);
    await Promise.all(messages.map((message) => world.channel.isAddressed(message)));
    await say('d');
    expect(world.paths.filter((path) => path === infoPath)).toHaveLength(1);
  });

  test('a failed question is asked again after a minute, not before', async () => {
    await world.lab.setFault('feishu-secret-revoked', true);
    await say('a');
    const message = messageOf(world.verdicts.at(-1));
    await expect(world.channel.isAddressed(message)).rejects.toThrow(/10014/);
    const asked = world.paths.length;
    await say('b');
    await expect(world.channel.isAddressed(message)).rejects.toThrow(/10014/);
    expect(world.paths).toHaveLength(asked);
    await world.lab.setFault('feishu-secret-revoked', false);
    world.later(60_000);
    expect(await world.channel.isAddressed(message)).toBe(true);
  });
});
