// All types of messages, card actions and chat events, over real HTTP.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { CallbackResult } from '../../../../../bot/domain/callback.ts';
import type { InboundMessage } from '../../../../../bot/domain/message.ts';
import { receiveFeishu } from '../../../../../bot/platforms/feishu/inbound/receive.ts';
import { app, eventV1, eventV2, sealed } from '../callbacks.ts';
import { type ListeningChannel, startListeningChannel } from '../listening-channel.ts';

const infoPath = '/open-apis/bot/v3/info';
let world: ListeningChannel;

/** Returns an event of schema 1.0 in a group with these members. */
function eventWith(members: object) {
  const { text_without_at_bot: _without, ...event } = eventV1({ chatType: 'group', mentionsBot: true }).event;
  return { body: { ...eventV1(), event: { ...event, ...members } } };
}

/** Returns an action on a card with these members. */
function cardEvent(event: object) {
  const { schema, header } = eventV2();
  return sealed({ schema, header: { ...header, event_type: 'card.action.trigger' }, event });
}

function messageOf(result: CallbackResult | undefined): InboundMessage {
  if (result?.kind !== 'message') throw new Error(`No message: ${JSON.stringify(result)}`);
  return result.message;
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

  test('converts a rich text to Markdown', async () => {
    await world.lab.feishu.sendPost({ title: 'Title', content: tagged });
    expect(messageOf(world.results.at(-1)).text).toBe(
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
  ])('keeps code with fences %j as one block', async (text, expected) => {
    await world.lab.feishu.sendPost({ content: [[{ tag: 'code_block', text }]] });
    expect(messageOf(world.results.at(-1)).text).toBe(expected);
  });

  test.each([
    ['with nothing but a picture', [[{ tag: 'img', image_key: 'img_1' }]], { text: '', attachment: 'image' }],
    ['with a video and blanks', [[{ tag: 'media' }, { tag: 'text', text: ' ' }]], { text: '', attachment: 'video' }],
    ['with a picture and a text', [[{ tag: 'img' }, { tag: 'text', text: '?' }]], { text: '[image]?' }],
  ])('reads a rich text %s', async (_name, content, expected) => {
    await world.lab.feishu.sendPost({ content });
    const { text, attachment } = messageOf(world.results.at(-1));
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
  ])('reads %s as an attachment in both schemas', async (type, attachment) => {
    for (const schema of ['1.0', '2.0'] as const) {
      const { messageId, chatId } = await world.lab.feishu.sendOther({ type, schema });
      expect(messageOf(world.results.at(-1))).toMatchObject({ messageId, chatId, text: '', attachment });
    }
  });

  test('ignores an empty rich text and a system notice', async () => {
    await world.lab.feishu.sendPost({ content: [[{ tag: 'text', text: ' ' }]] });
    await world.lab.feishu.sendOther({ type: 'system' });
    expect(world.results.slice(-2)).toMatchObject([{ reason: 'empty_text' }, { reason: 'not_text' }]);
  });

  const line = [{ tag: 'text', text: 'hello' }];
  test.each([
    ['in Chinese', { zh_cn: { title: 'T', content: [line] } }],
    ['in English', { en_us: { title: 'T', content: [line] } }],
    ['in another language', { ja_jp: { title: 'T', content: [line] } }],
    ['in two languages', { en_us: { title: 'no', content: [] }, zh_cn: { title: 'T', content: [line] } }],
    ['with an empty first language', { zh_cn: { title: '', content: [] }, en_us: { title: 'T', content: [line] } }],
    ['with null for a language', { zh_cn: null, en_us: { title: 'T', content: [line] } }],
    ['under post', { post: { zh_cn: { title: 'T', content: [line] } } }],
    ['under post, without a language', { post: { title: 'T', content: [line] } }],
    ['without a language', { title: 'T', content: [line] }],
    ['with null between', { title: 'T', content: [null, [null, ...line, null]] }],
    ['with elements in place of paragraphs', { title: 'T', content: line }],
  ])('reads a rich text %s', async (_name, content) => {
    await world.lab.feishu.sendOther({ type: 'post', content });
    expect(messageOf(world.results.at(-1)).text.replaceAll(/\n+/g, '\n')).toBe('T\nhello');
  });

  test.each([
    ['md', { tag: 'md', text: '**bold**' }, '**bold**'],
    ['code', { tag: 'code_block', language: null, text: 'a' }, '```\na\n```'],
    ['a title of null', { tag: 'text', text: 'a' }, 'a'],
    ['a mention of all', { tag: 'at', user_id: 'all', user_name: null }, '@all'],
    ['a person who is not in the list', { tag: 'at', user_id: 'ou_x', user_name: 'Ann' }, '@Ann'],
  ])('reads a rich text with %s', async (_name, element, text) => {
    await world.lab.feishu.sendOther({ type: 'post', content: { title: null, content: [[element]] } });
    expect(messageOf(world.results.at(-1)).text).toBe(text);
  });

  test('removes the bot’s own name without a request for its id', async () => {
    await world.lab.feishu.sendText({ text: '/help', mentionsBot: true });
    expect(messageOf(world.results.at(-1)).text).toBe('/help');
    expect(world.paths).toEqual([]);
  });

  test('keeps the id of the message that a reply quotes', async () => {
    await world.lab.feishu.sendText({ text: 'why?', parentId: 'om_0' });
    expect(messageOf(world.results.at(-1))).toMatchObject({ text: 'why?', quotedId: 'om_0' });
    await world.lab.feishu.sendText({ text: 'why?', parentId: 'om_0', schema: '1.0' });
    expect(messageOf(world.results.at(-1))).toMatchObject({ text: 'why?', quotedId: 'om_0' });
  });

  test('keeps the thread in the target', async () => {
    const { messageId, chatId } = await world.lab.feishu.sendText({ text: 'hi', threadId: 'omt_1' });
    const { target } = messageOf(world.results.at(-1));
    expect(target).toEqual({ chatId, chatType: 'p2p', messageId, threadId: 'omt_1' });
  });

  test.each([
    ['bot_added', '2.0'],
    ['bot_added', '1.0'],
    ['bot_removed', '2.0'],
    ['bot_removed', '1.0'],
    ['chat_disbanded', '2.0'],
    ['chat_disbanded', '1.0'],
  ] as const)('reads %s of schema %s as a message', async (event, schema) => {
    const { chatId } = await world.lab.feishu.sendChatEvent(event, { schema, userId: 'ou_admin', eventId: 'ev_1' });
    expect(messageOf(world.results.at(-1))).toMatchObject({
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

  test('ignores a read receipt as an unused event type', async () => {
    await world.lab.feishu.sendReadReceipt(['om_1']);
    expect(world.results.at(-1)).toMatchObject({ kind: 'ignored', reason: 'unused_event_type', body: {} });
  });

  test('reads a pressed button as a message of the person who pressed it', async () => {
    const { messageId } = world.lab.feishu.buildCallback({ text: 'message of the card', chatId: 'oc_1' });
    const press = { messageId, userId: 'ou_1', eventId: 'ev_2' };
    const answer = await world.lab.feishu.pressButton({ ...press, value: { say: '/help' } });
    expect(JSON.parse(answer.body)).toEqual({
      toast: {
        type: 'info',
        content: 'Got it, one moment.',
        i18n: { zh_cn: '收到，请稍候。', en_us: 'Got it, one moment.' },
      },
    });
    expect(messageOf(world.results.at(-1))).toMatchObject({
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
    ['a value that is a string', { tag: 'button', value: '{"say":"/help"}' }],
    ['a value that is a list', { tag: 'button', value: ['say'] }],
  ])('answers a card with %s with a toast', async (_name, action) => {
    const { messageId } = world.lab.feishu.buildCallback({ text: 'message of the card' });
    const answer = await world.lab.feishu.pressButton({ messageId, action });
    expect(answer).toMatchObject({ status: 200, error: null });
    expect(JSON.parse(answer.body)).toEqual({
      toast: {
        type: 'warning',
        content: 'This button does nothing here.',
        i18n: { zh_cn: '此按钮在这里不起作用。', en_us: 'This button does nothing here.' },
      },
    });
    expect(world.results.at(-1)).toMatchObject({ kind: 'ignored', reason: 'unused_event_type' });
  });

  test.each([
    ['context', { context: null }],
    ['context.open_chat_id', { context: { open_message_id: 'om_1' } }],
    ['operator', { operator: undefined }],
    ['action', { action: undefined }],
    ['action', { action: null }],
  ])('answers an action without %s with a toast', (_name, changes) => {
    const context = { open_message_id: 'om_1', open_chat_id: 'oc_1' };
    const action = { operator: { open_id: 'ou_1' }, context, action: { value: { say: '/help' } } };
    expect(receiveFeishu([app], cardEvent(action))).toMatchObject({ kind: 'message' });
    const result = receiveFeishu([app], cardEvent({ ...action, ...changes }));
    expect(result).toMatchObject({ kind: 'ignored', body: { toast: { type: 'warning' } } });
  });

  test.each([[{}], [{ say: ' ' }], [{ say: 1 }], ['say'], [null]])(
    'answers a button with the value %j with a warning',
    async (value) => {
      const { messageId } = world.lab.feishu.buildCallback({ text: 'message of the card' });
      const answer = await world.lab.feishu.pressButton({ messageId, value });
      expect(JSON.parse(answer.body)).toMatchObject({ toast: { type: 'warning' } });
      expect(world.results.at(-1)).toMatchObject({ kind: 'ignored', reason: 'unused_event_type' });
    },
  );
});

describe('in a group', () => {
  beforeEach(async () => {
    world = await startListeningChannel();
  });
  afterEach(() => world.stop());
  const tom = { openId: 'ou_tom', name: 'Tom' };
  const send = (text: string, given: object = {}) => world.lab.feishu.sendText({ text, chatType: 'group', ...given });
  const fetchBotId = async () => {
    await send('first');
    await world.channel.isAddressed(messageOf(world.results.at(-1)));
  };

  test('acknowledges a message at once and stores its mentions while the bot’s id is unknown', async () => {
    await world.lab.setFault('feishu-stall', true);
    const answer = await send('/status now');
    expect(answer).toMatchObject({ status: 200, error: null });
    const message = messageOf(world.results.at(-1));
    expect(message).toMatchObject({ text: '/status now', addressed: 'unknown', mentions: [world.botOpenId] });
  });

  test.each([
    ['the bot', {}, true],
    ['the bot and Tom', { mentions: [tom] }, true],
    ['Tom', { mentionsBot: false, mentions: [tom] }, false],
  ])('decides whether a mention of %s addresses the bot', async (_name, given, addressed) => {
    await send('@Tom hello', given);
    expect(await world.channel.isAddressed(messageOf(world.results.at(-1)))).toBe(addressed);
    await send('@Tom hello', given);
    expect(world.results.at(-1)).toMatchObject(
      addressed ? { kind: 'message', message: { addressed: 'yes' } } : { kind: 'ignored', reason: 'not_mentioned' },
    );
    expect(world.results.at(-1)).not.toHaveProperty('message.mentions');
  });

  const ann = { tag: 'at', user_id: '@_user_2', user_name: 'Tom' };
  const own = { tag: 'at', user_id: '@_user_1', user_name: 'Bot' };
  const line = (text: string) => [{ tag: 'text', text }];
  test.each<[string, object[][], string]>([
    ['in front of a command', [[own, ...line(' /help')]], '/help'],
    ['in a paragraph of its own', [[own], line('/help')], '/help'],
    ['at the end', [[...line('/help '), own]], '/help'],
    ['next to other mentions', [[own, ann, ...line(' why?')]], '@Tom why?'],
    ['by its id', [[{ ...own, user_id: 'BOT' }, ...line('/help')]], '/help'],
  ])('removes the bot’s name from a rich text %s', async (_name, content, text) => {
    await fetchBotId();
    const withId = JSON.parse(JSON.stringify(content).replace('"BOT"', `"${world.botOpenId}"`));
    await world.lab.feishu.sendPost({ content: withId, chatType: 'group', mentions: [tom] });
    expect(messageOf(world.results.at(-1)).text).toBe(text);
  });

  test('removes two mentions of the bot', async () => {
    await fetchBotId();
    const again = { openId: world.botOpenId, name: 'Again' };
    await send('@Bot /help @Again', { mentions: [again] });
    expect(messageOf(world.results.at(-1)).text).toBe('/help');
  });

  describe('reads a mention alone as an empty text', () => {
    test.each(['2.0', '1.0'] as const)('in schema %s', async (schema) => {
      await fetchBotId();
      await send('', { schema });
      expect(messageOf(world.results.at(-1))).toMatchObject({ text: '' });
      expect(messageOf(world.results.at(-1))).not.toHaveProperty('attachment');
    });

    test('in a rich text', async () => {
      await fetchBotId();
      await world.lab.feishu.sendPost({ content: [[own]], chatType: 'group' });
      expect(messageOf(world.results.at(-1))).toMatchObject({ text: '' });
    });

    test('while the bot’s id is unknown, and in a private chat', async () => {
      await send('');
      expect(messageOf(world.results.at(-1))).toMatchObject({ text: '', mentions: [world.botOpenId] });
      await world.lab.feishu.sendText({ text: '', mentionsBot: true });
      expect(messageOf(world.results.at(-1))).toMatchObject({ text: '' });
    });

    test('but ignores a recalled message', async () => {
      await fetchBotId();
      await world.lab.feishu.sendOther({ type: 'text', content: {}, chatType: 'group' });
      expect(world.results.at(-1)).toMatchObject({ kind: 'ignored', reason: 'empty_text' });
    });

    test('with the language of the names', async () => {
      await fetchBotId();
      await send('@张三', { mentions: [{ openId: 'ou_zhang', name: '张三' }] });
      expect(messageOf(world.results.at(-1)).language).toBe('zh');
      await world.lab.feishu.sendChatEvent('bot_added', { name: '运维群' });
      expect(messageOf(world.results.at(-1)).language).toBe('zh');
      await world.lab.feishu.sendChatEvent('bot_added', { name: 'ops' });
      expect(messageOf(world.results.at(-1))).not.toHaveProperty('language');
    });
  });

  test('removes the first mention in schema 1.0 without `text_without_at_bot`', async () => {
    const { body } = eventWith({
      text: '<at open_id="ou_b">@机器人</at> ask <at open_id="ou_t">@Tom</at> <at user_id="all"></at>',
    });
    const result = receiveFeishu([app], sealed(body));
    expect(messageOf(result)).toMatchObject({ text: 'ask @Tom @all', language: 'zh' });
  });

  test.each([
    [{ threadId: 'omt_1' }, 'omt_1'],
    [{ threadId: 'omt_1', parentId: 'om_0' }, 'omt_1'],
    [{ parentId: 'om_0', rootId: 'omt_1' }, 'omt_1'],
    [{ parentId: 'om_0' }, undefined],
    [{}, undefined],
  ])('reads %j as a message of topic %s', async (given, topic) => {
    await fetchBotId();
    await send('hi', given);
    const { topicId, target } = messageOf(world.results.at(-1));
    expect({ topicId, target }).toMatchObject({ topicId: topic, target: topic ? { threadId: topic } : {} });
  });

  test('removes the bot’s name and keeps the names of others', async () => {
    await fetchBotId();
    await send('@Tom and @Bot, hello', { mentions: [tom] });
    expect(messageOf(world.results.at(-1)).text).toBe('@Tom and , hello');
  });

  test.each([
    ['no user', { mentionsBot: false }],
    ['@all', { mentionsBot: false, text: '@all hello' }],
    ['no user, schema 1.0', { mentionsBot: false, schema: '1.0' }],
  ])('sends no request for a mention of %s', async (_name, given) => {
    await send('hello', given);
    expect(world.results.at(-1)).toMatchObject({ kind: 'ignored', reason: 'not_mentioned' });
    expect(world.paths).toEqual([]);
  });

  test('needs no bot id in schema 1.0, which reports a mention of the bot', async () => {
    await send('hello', { schema: '1.0' });
    expect(messageOf(world.results.at(-1))).toMatchObject({ text: 'hello' });
    expect(world.paths).toEqual([]);
  });

  test('ignores an image, because it has no mention', async () => {
    await world.lab.feishu.sendOther({ type: 'image', chatType: 'group', mentionsBot: false });
    expect(world.results.at(-1)).toMatchObject({ kind: 'ignored', reason: 'not_mentioned' });
  });

  test('keeps all names in a private chat without a request for the id', async () => {
    await world.lab.feishu.sendText({ text: 'ask @Tom', mentions: [tom] });
    expect(messageOf(world.results.at(-1)).text).toBe('ask @Tom');
    expect(world.paths).toEqual([]);
  });

  test('removes the mention of a bot while its own id is unknown', async () => {
    await send('@Tom asks @Bot why', { mentions: [tom] });
    expect(messageOf(world.results.at(-1)).text).toBe('@Tom asks  why');
  });

  test('shares one request for the id among all messages, and caches the id', async () => {
    await Promise.all([send('a'), send('b'), send('c')]);
    const messages = world.results.map(messageOf);
    await Promise.all(messages.map((message) => world.channel.isAddressed(message)));
    await send('d');
    expect(world.paths.filter((path) => path === infoPath)).toHaveLength(1);
  });

  test('retries a failed request for the id after a minute', async () => {
    await world.lab.setFault('feishu-secret-revoked', true);
    await send('a');
    const message = messageOf(world.results.at(-1));
    await expect(world.channel.isAddressed(message)).rejects.toThrow(/10014/);
    const requests = world.paths.length;
    await send('b');
    await expect(world.channel.isAddressed(message)).rejects.toThrow(/10014/);
    expect(world.paths).toHaveLength(requests);
    await world.lab.setFault('feishu-secret-revoked', false);
    world.later(60_000);
    expect(await world.channel.isAddressed(message)).toBe(true);
  });
});
