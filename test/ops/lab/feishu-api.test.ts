// Checks that the fake Feishu is as strict as the platform: each wrong request gets the platform's status and code.
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type Listener, listen } from '../../../ops/lab/common/listener.ts';
import { generateCredentials } from '../../../ops/lab/credentials.ts';
import type { FaultName } from '../../../ops/lab/faults.ts';
import { customBotSign } from '../../../ops/lab/feishu/crypto.ts';
import { createFakeFeishu, type FakeFeishu } from '../../../ops/lab/feishu/fake-feishu.ts';
import { postJson } from './post-json.ts';

const { feishu: app } = generateCredentials();
const hour = 3_600_000;
const observer = { userWrote: () => undefined, attempted: () => undefined, botSent: () => undefined };
let now: number;
let faults: Set<FaultName>;
let fake: FakeFeishu;
let server: Listener;

beforeEach(async () => {
  now = 1_700_000_000_000;
  faults = new Set();
  const created = createFakeFeishu({
    app,
    botUrl: 'http://127.0.0.1:9',
    faults,
    retryDelaysMs: [],
    observer,
    now: () => now,
  });
  fake = created.fake;
  server = await listen('Feishu', 0, created.handler);
});
afterEach(() => server.close());

const tokenPath = '/open-apis/auth/v3/tenant_access_token/internal';
const credentials = { app_id: app.appId, app_secret: app.appSecret };
const hello = { msg_type: 'text', content: '{"text":"hello"}' };

function post(path: string, body: unknown, headers: Record<string, string> = {}) {
  return postJson(`${server.url}${path}`, body, headers);
}

async function codeOf(answer: ReturnType<typeof post>) {
  const { status, body } = await answer;
  return { status, code: body.code };
}

async function token(): Promise<string> {
  return String((await post(tokenPath, credentials)).body.tenant_access_token);
}

async function create(body: unknown, type = 'chat_id') {
  const path = `/open-apis/im/v1/messages?receive_id_type=${type}`;
  return await post(path, body, { authorization: `Bearer ${await token()}` });
}

describe('access tokens', () => {
  test.each([
    ['a wrong secret', { ...credentials, app_secret: 'wrong' }, { status: 400, code: 10014 }],
    ['an unknown app', { ...credentials, app_id: 'cli_other' }, { status: 400, code: 99991543 }],
    ['no secret', { app_id: app.appId }, { status: 400, code: 10003 }],
    ['a body that is not JSON', 'app_id=1', { status: 400, code: 9499 }],
  ])('rejects %s', async (_name, body, expected) => {
    expect(await codeOf(post(tokenPath, body))).toEqual(expected);
  });

  test('returns the same token until half an hour is left, then a second one', async () => {
    const issued = [];
    for (const minutes of [0, 60, 89, 91]) {
      now = 1_700_000_000_000 + minutes * 60_000;
      const { body } = await post(tokenPath, credentials);
      issued.push({ token: body.tenant_access_token, expire: body.expire });
    }
    const first = issued[0]?.token;
    expect(issued.map(({ token, expire }) => ({ same: token === first, expire }))).toEqual([
      { same: true, expire: 7200 },
      { same: true, expire: 3600 },
      { same: true, expire: 1860 },
      { same: false, expire: 7200 },
    ]);
    const info = await fetch(`${server.url}/open-apis/bot/v3/info`, { headers: { authorization: `Bearer ${first}` } });
    expect(await info.json()).toMatchObject({ code: 0, bot: { open_id: app.botOpenId } });
  });

  test.each([
    ['none', {}, 99991661],
    ['without Bearer', { authorization: 't-abc' }, 99991661],
    ['a secret in its place', { authorization: `Bearer ${app.appSecret}` }, 99991671],
    ['a user token', { authorization: 'Bearer u-abc' }, 99991668],
    ['another app’s', { authorization: 'Bearer t-abc' }, 99991663],
  ])('rejects a token that is %s', async (_name, headers, code) => {
    const answer = await post('/open-apis/im/v1/messages?receive_id_type=chat_id', {}, headers);
    expect({ status: answer.status, code: answer.body.code }).toEqual({ status: 400, code });
    expect(answer.headers.get('x-tt-logid')).toMatch(/^lab\d+/);
    expect(answer.body.error).toEqual({ log_id: answer.headers.get('x-tt-logid') });
  });

  test('rejects an expired token', async () => {
    const headers = { authorization: `Bearer ${await token()}` };
    now += 2 * hour;
    expect(await codeOf(post('/open-apis/im/v1/messages/om_x/reply', hello, headers))).toEqual({
      status: 400,
      code: 99991663,
    });
  });
});

describe('sending', () => {
  const known = () => fake.buildCallback({ text: 'hi' }).chatId;
  const text = (length: number) => JSON.stringify({ text: 'x'.repeat(length) });
  const card = (count: number) => JSON.stringify({ elements: Array.from({ length: count }, () => ({ tag: 'table' })) });
  const markdownCard = (content: string) => ({
    msg_type: 'interactive',
    content: JSON.stringify({
      schema: '2.0',
      config: { update_multi: true },
      body: { elements: [{ tag: 'markdown', content }] },
    }),
  });
  const post30k = JSON.stringify({ zh_cn: { title: 't', content: [[{ tag: 'text', text: 'x'.repeat(30 * 1024) }]] } });

  test.each([
    ['receive_id_type missing', '', hello, 99992402],
    ['receive_id_type unknown', 'phone', hello, 99992402],
    ['receive_id empty', 'chat_id', { ...hello, receive_id: '' }, 99992402],
    ['a chat id that is none', 'chat_id', { ...hello, receive_id: 'chat-1' }, 99992356],
    ['a chat the bot is not in', 'chat_id', { ...hello, receive_id: 'oc_unknown' }, 230002],
    ['an open_id as chat_id', 'chat_id', { ...hello, receive_id: 'ou_x' }, 230034],
    ['a chat_id as open_id', 'open_id', { ...hello, receive_id: 'oc_x' }, 230034],
    ['an unknown open_id', 'open_id', { ...hello, receive_id: 'ou_x' }, 99992351],
    ['an unknown union_id', 'union_id', { ...hello, receive_id: 'on_x' }, 99992352],
    ['an unknown user_id', 'user_id', { ...hello, receive_id: 'x' }, 99992353],
    ['an unknown address', 'email', { ...hello, receive_id: 'a@example.com' }, 230034],
    ['content not a string', 'chat_id', { msg_type: 'text', content: { text: 'x' } }, 230001],
    ['content not JSON', 'chat_id', { msg_type: 'text', content: 'hello' }, 230001],
    ['empty text', 'chat_id', { msg_type: 'text', content: '{"text":" "}' }, 230001],
    ['an unknown msg_type', 'chat_id', { ...hello, msg_type: 'markdown' }, 230001],
    ['text over 150 KB', 'chat_id', { msg_type: 'text', content: text(150 * 1024) }, 230025],
    ['a post over 30 KB', 'chat_id', { msg_type: 'post', content: post30k }, 230025],
    ['a post without locale', 'chat_id', { msg_type: 'post', content: '{"title":"t","content":[]}' }, 230001],
    ['a card without elements', 'chat_id', { msg_type: 'interactive', content: '{}' }, 230099],
    ['a card with six tables', 'chat_id', { msg_type: 'interactive', content: card(6) }, 230099],
    ['a card with six tables in Markdown', 'chat_id', markdownCard('|a|b|\n|-|-|\n|1|2|\n\n'.repeat(6)), 230099],
    ['a card with an image of another host', 'chat_id', markdownCard('![a](https://a.example/b.png)'), 230099],
    ['a card over 30 KB', 'chat_id', markdownCard('x'.repeat(30 * 1024)), 230025],
    ['a card over 30 KB by its escapes', 'chat_id', markdownCard('"'.repeat(8 * 1024)), 230025],
    [
      'a card of schema 2 with elements outside its body',
      'chat_id',
      { msg_type: 'interactive', content: '{"schema":"2.0","elements":[]}' },
      230099,
    ],
    [
      'a card of schema 2 with an element of schema 1',
      'chat_id',
      { msg_type: 'interactive', content: '{"schema":"2.0","body":{"elements":[{"tag":"action"}]}}' },
      230099,
    ],
    [
      'a post with an unknown tag',
      'chat_id',
      { msg_type: 'post', content: '{"zh_cn":{"content":[[{"tag":"b","text":"a"}]]}}' },
      230001,
    ],
    [
      'a post with md beside another element',
      'chat_id',
      { msg_type: 'post', content: '{"zh_cn":{"content":[[{"tag":"md","text":"a"},{"tag":"text","text":"b"}]]}}' },
      230001,
    ],
    ['a uuid over 50 characters', 'chat_id', { ...hello, uuid: 'u'.repeat(51) }, 99992402],
  ])('rejects %s', async (_name, type, fields, code) => {
    const answer = await create({ receive_id: known(), ...fields }, type);
    expect({ status: answer.status, code: answer.body.code }).toEqual({ status: 400, code });
    expect(fake.sent).toEqual([]);
  });

  test.each([
    ['text of 149 KB', { msg_type: 'text', content: text(149 * 1024) }, 'x'.repeat(149 * 1024)],
    [
      'a post',
      { msg_type: 'post', content: '{"zh_cn":{"title":"T","content":[[{"tag":"text","text":"a"}]]}}' },
      'T\na',
    ],
    ['a card', { msg_type: 'interactive', content: '{"elements":[{"tag":"markdown","content":"**b**"}]}' }, '**b**'],
    [
      'a card of schema 2',
      { msg_type: 'interactive', content: '{"schema":"2.0","body":{"elements":[{"tag":"markdown","content":"c"}]}}' },
      'c',
    ],
    ['a card with five tables', { msg_type: 'interactive', content: card(5) }, ''],
    [
      'a post of Markdown',
      { msg_type: 'post', content: '{"zh_cn":{"content":[[{"tag":"md","text":"**a**"}]]}}' },
      '**a**',
    ],
    [
      'tables that are code',
      markdownCard(`\`\`\`\n${'|a|b|\n|-|-|\n\n'.repeat(6)}\`\`\``),
      `\`\`\`\n${'|a|b|\n|-|-|\n\n'.repeat(6)}\`\`\``,
    ],
  ])('accepts %s', async (_name, fields, shown) => {
    const { status, body } = await create({ receive_id: known(), ...fields });
    expect({ status, code: body.code, texts: fake.sent.map((message) => message.text) }).toEqual({
      status: 200,
      code: 0,
      texts: [shown],
    });
  });

  test.each([
    ['open_id', 'ou_someone'],
    ['chat_id', 'oc_somewhere'],
  ])('delivers by %s to the chat of that person', async (type, id) => {
    const { chatId } = fake.buildCallback({ text: 'hi', userId: 'ou_someone', chatId: 'oc_somewhere' });
    const { body } = await create({ ...hello, receive_id: id }, type);
    expect(body.data).toMatchObject({ chat_id: chatId, msg_type: 'text', body: { content: hello.content } });
  });

  test('accepts one message per uuid and hour', async () => {
    const message = { ...hello, receive_id: known(), uuid: 'u'.repeat(50) };
    const ids = [];
    for (const step of [0, hour - 1_000, 1_000]) {
      now += step;
      ids.push(Object((await create(message)).body.data).message_id);
    }
    expect({ repeated: ids[1] === ids[0], afterAnHour: ids[2] !== ids[0], sent: fake.sent.length }).toEqual({
      repeated: true,
      afterAnHour: true,
      sent: 2,
    });
  });

  test('accepts five messages a second to one chat, unless the limit is off', async () => {
    const here = { ...hello, receive_id: known() };
    const there = { ...hello, receive_id: fake.buildCallback({ text: 'hi', chatType: 'group' }).chatId };
    const codes = [];
    for (const body of [here, here, here, here, here, here, there]) codes.push((await create(body)).body.code);
    now += 1_001;
    codes.push((await create(here)).body.code);
    fake.limitsRates = false;
    for (let sent = 0; sent < 6; sent += 1) codes.push((await create(here)).body.code);
    expect(codes).toEqual([0, 0, 0, 0, 0, 230020, 0, 0, 0, 0, 0, 0, 0, 0]);
  });

  test('delivers a reply to the chat of its message, and rejects a reply to an unknown message', async () => {
    const { messageId, chatId } = fake.buildCallback({ text: 'hi', chatType: 'group' });
    const headers = { authorization: `Bearer ${await token()}` };
    const good = await post(`/open-apis/im/v1/messages/${messageId}/reply`, hello, headers);
    const bad = await post('/open-apis/im/v1/messages/om_unknown/reply', hello, headers);
    expect(good.body.data).toMatchObject({ chat_id: chatId, parent_id: messageId });
    expect({ status: bad.status, code: bad.body.code }).toEqual({ status: 400, code: 99992354 });
  });

  test('accepts a reply in a thread, and rejects it if chats have no threads', async () => {
    const { messageId } = fake.buildCallback({ text: 'hi', chatType: 'group' });
    const headers = { authorization: `Bearer ${await token()}` };
    const path = `/open-apis/im/v1/messages/${messageId}/reply`;
    const good = await post(path, { ...hello, reply_in_thread: true }, headers);
    expect(good.body.data).toMatchObject({ parent_id: messageId, thread_id: expect.stringMatching(/^omt_/) });
    fake.allowsThreads = false;
    expect(await codeOf(post(path, { ...hello, reply_in_thread: true }, headers))).toEqual({
      status: 400,
      code: 230071,
    });
    expect(fake.sent).toMatchObject([{ via: 'thread' }]);
  });

  test('rejects a reply to a recalled message', async () => {
    const { messageId } = fake.buildCallback({ text: 'hi' });
    fake.recall(messageId);
    const headers = { authorization: `Bearer ${await token()}` };
    const answer = post(`/open-apis/im/v1/messages/${messageId}/reply`, hello, headers);
    expect(await codeOf(answer)).toEqual({ status: 400, code: 230011 });
  });

  test('accepts one message per uuid, for replies and new messages together', async () => {
    const { messageId, chatId } = fake.buildCallback({ text: 'hi' });
    const headers = { authorization: `Bearer ${await token()}` };
    const reply = await post(`/open-apis/im/v1/messages/${messageId}/reply`, { ...hello, uuid: 'u1' }, headers);
    const again = await create({ ...markdownCard('other'), receive_id: chatId, uuid: 'u1' });
    expect(again.body.data).toEqual(reply.body.data);
    expect(fake.sent).toHaveLength(1);
  });

  test('rejects messages to a chat that the bot has left', async () => {
    const { chatId } = await fake.sendChatEvent('bot_added');
    expect((await create({ ...hello, receive_id: chatId })).body.code).toBe(0);
    await fake.sendChatEvent('bot_removed', { chatId });
    expect((await create({ ...hello, receive_id: chatId })).body.code).toBe(230002);
  });

  describe('changing a card', () => {
    const send = async (fields: object) => {
      const { body } = await create({ receive_id: known(), ...fields });
      return String(Object(body.data).message_id);
    };
    const patch = async (id: string, content: unknown = markdownCard('new').content) => {
      const headers = { authorization: `Bearer ${await token()}`, 'content-type': 'application/json' };
      const request = { method: 'PATCH', headers, body: JSON.stringify({ content }) };
      const answer = await fetch(`${server.url}/open-apis/im/v1/messages/${id}`, request);
      return Object(await answer.json()).code;
    };

    test('shows the newest text in the one message', async () => {
      const id = await send(markdownCard('old'));
      expect([await patch(id), await patch(id, markdownCard('newest').content)]).toEqual([0, 0]);
      expect(fake.sent).toMatchObject([{ messageId: id, text: 'newest', updates: 2 }]);
    });

    test('is checked like a new card', async () => {
      const id = await send(markdownCard('old'));
      expect(await patch(id, { elements: [] })).toBe(230001);
      expect(await patch(id, '{"elements":[{"tag":"markdown","content":"not shared"}]}')).toBe(230001);
      expect(await patch(id, markdownCard('x'.repeat(30 * 1024)).content)).toBe(230025);
      expect(await patch(id, markdownCard('|a|b|\n|-|-|\n\n'.repeat(6)).content)).toBe(230099);
      expect(fake.sent).toMatchObject([{ text: 'old' }]);
    });

    test('needs a card of the bot that is neither recalled nor too old', async () => {
      const recalled = await send(markdownCard('old'));
      fake.recall(recalled);
      const text = await send(hello);
      const old = await send(markdownCard('old'));
      const { messageId: ofUser } = fake.buildCallback({ text: 'hi' });
      expect(await patch(recalled)).toBe(230011);
      expect(await patch(text)).toBe(230054);
      expect(await patch(ofUser)).toBe(230027);
      expect(await patch('om_unknown')).toBe(99992354);
      now += 15 * 24 * hour;
      expect(await patch(old)).toBe(230031);
    });

    test('is limited to five times a second', async () => {
      const id = await send(markdownCard('old'));
      const codes = [];
      for (let count = 0; count < 6; count += 1) codes.push(await patch(id));
      expect(codes).toEqual([0, 0, 0, 0, 0, 230020]);
    });
  });

  test('rejects an unknown path', async () => {
    const headers = { authorization: `Bearer ${await token()}` };
    expect(await codeOf(post('/open-apis/im/v2/messages', {}, headers))).toEqual({ status: 404, code: 99991201 });
  });
});

describe('faults', () => {
  test.each([
    ['feishu-rate-limited', { status: 429, code: 99991400 }],
    ['feishu-200-with-error', { status: 200, code: 5000 }],
    ['feishu-secret-revoked', { status: 400, code: 99991663 }],
  ] as const)('rejects messages with %s', async (name, expected) => {
    const { chatId } = fake.buildCallback({ text: 'hi' });
    const headers = { authorization: `Bearer ${await token()}` };
    const send = () =>
      codeOf(post('/open-apis/im/v1/messages?receive_id_type=chat_id', { ...hello, receive_id: chatId }, headers));
    faults.add(name);
    expect(await send()).toEqual(expected);
    expect(fake.sent).toEqual([]);
    faults.delete(name);
    expect(await send()).toEqual({ status: 200, code: 0 });
  });

  test('issues no token for a revoked secret', async () => {
    faults.add('feishu-secret-revoked');
    expect(await codeOf(post(tokenPath, credentials))).toEqual({ status: 400, code: 10014 });
  });

  test('does not answer with feishu-stall', async () => {
    faults.add('feishu-stall');
    const answer = fetch(`${server.url}${tokenPath}`, { method: 'POST', signal: AbortSignal.timeout(200) });
    await expect(answer).rejects.toThrow(/timeout/);
  });
});

describe('the custom bot', () => {
  const seconds = () => String(now / 1000);
  const signed = (timestamp = seconds(), secret = fake.customBot.secret) => ({
    timestamp,
    sign: customBotSign(timestamp, secret),
    msg_type: 'text',
    content: { text: 'alert' },
  });

  test.each([
    ['signed', () => signed(), 0],
    ['signed with another secret', () => signed(seconds(), 'other'), 19021],
    ['signed in milliseconds', () => signed(String(now)), 19021],
    ['signed an hour and a second ago', () => signed(String(now / 1000 - 3601)), 19021],
    ['not signed', () => ({ msg_type: 'text', content: { text: 'alert' } }), 19021],
    ['without msg_type', () => ({ ...signed(), msg_type: undefined }), 19002],
    ['without text', () => ({ ...signed(), content: {} }), 19002],
    ['over 20 KB', () => ({ ...signed(), content: { text: 'x'.repeat(20 * 1024) } }), 9499],
    ['not JSON', () => 'alert', 9499],
  ])('checks a message that is %s', async (_name, body, code) => {
    expect(await codeOf(post(fake.customBot.path, body()))).toEqual({ status: 200, code });
    expect(fake.sent.map((message) => message.text)).toEqual(code === 0 ? ['alert'] : []);
  });

  test('rejects another address, and the sixth message in a second', async () => {
    expect(await codeOf(post('/open-apis/bot/v2/hook/other', signed()))).toEqual({ status: 200, code: 19001 });
    const codes = [];
    for (let count = 0; count < 6; count += 1) codes.push((await post(fake.customBot.path, signed())).body.code);
    expect(codes).toEqual([0, 0, 0, 0, 0, 11232]);
  });
});
