// Everything people send and everything that happens in a chat, over the real wire.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { CallbackVerdict, InboundMessage } from '../../../../bot/channels/channel.ts';
import { type ListeningChannel, startListeningChannel } from './listening-channel.ts';

const infoPath = '/open-apis/bot/v3/info';
let world: ListeningChannel;

function messageOf(verdict: CallbackVerdict | undefined): InboundMessage {
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
    expect(JSON.parse(answer.body)).toEqual({ toast: { type: 'info', content: expect.any(String) } });
    expect(messageOf(world.verdicts.at(-1))).toMatchObject({
      messageId: 'ev_2',
      eventId: 'ev_2',
      chatId: 'oc_1',
      userId: 'ou_1',
      text: '/help',
      target: { chatId: 'oc_1', messageId },
    });
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
