// Checks that the fake DingTalk is as strict as the platform, in the shapes of its new and its old API.
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type Listener, listen } from '../../../ops/lab/common/listener.ts';
import { generateCredentials } from '../../../ops/lab/credentials.ts';
import { robotSign } from '../../../ops/lab/dingtalk/crypto.ts';
import { createFakeDingtalk, type FakeDingtalk } from '../../../ops/lab/dingtalk/fake-dingtalk.ts';
import type { FaultName } from '../../../ops/lab/faults.ts';
import { postJson } from './post-json.ts';

const { dingtalk: app } = generateCredentials();
const credentials = { appKey: app.appKey, appSecret: app.appSecret };
const observer = { userWrote: () => undefined, attempted: () => undefined, botSent: () => undefined };
let now: number;
let faults: Set<FaultName>;
let fake: FakeDingtalk;
let server: Listener;

beforeEach(async () => {
  now = 1_700_000_000_000;
  faults = new Set();
  const created = createFakeDingtalk({
    app,
    botUrl: 'http://127.0.0.1:9',
    ownUrl: () => server.url,
    faults,
    retryDelaysMs: [],
    observer,
    now: () => now,
  });
  fake = created.fake;
  server = await listen('DingTalk', 0, created.handler);
});
afterEach(() => server.close());

const post = (path: string, body: unknown, headers: Record<string, string> = {}) =>
  postJson(`${server.url}${path}`, body, headers);

async function withToken(path: string, body: unknown) {
  const { accessToken } = (await post('/v1.0/oauth2/accessToken', credentials)).body;
  return await post(path, body, { 'x-acs-dingtalk-access-token': String(accessToken) });
}

describe('access tokens', () => {
  test('extends the same token with every request, and returns it from the old API too', async () => {
    const issued = [];
    for (const minutes of [0, 119, 119]) {
      now += minutes * 60_000;
      issued.push((await post('/v1.0/oauth2/accessToken', credentials)).body);
    }
    const query = new URLSearchParams({ appkey: app.appKey, appsecret: app.appSecret });
    const old = await (await fetch(`${server.url}/gettoken?${query}`)).json();
    const token = issued[0]?.accessToken;
    expect([...issued, old]).toEqual([
      { accessToken: token, expireIn: 7200 },
      { accessToken: token, expireIn: 7200 },
      { accessToken: token, expireIn: 7200 },
      { errcode: 0, errmsg: 'ok', access_token: token, expires_in: 7200 },
    ]);
  });

  test.each([
    ['a wrong secret', { ...credentials, appSecret: 'wrong' }, []],
    ['an unknown app', { ...credentials, appKey: 'dingother' }, []],
    ['a rotated secret', credentials, ['dingtalk-secret-rotated']],
  ] as const)('rejects %s in both APIs', async (_name, body, on) => {
    for (const name of on) faults.add(name);
    const { status, body: answer } = await post('/v1.0/oauth2/accessToken', body);
    const query = new URLSearchParams({ appkey: body.appKey, appsecret: body.appSecret });
    const old = await (await fetch(`${server.url}/gettoken?${query}`)).json();
    expect({ status, answer, old }).toEqual({
      status: 400,
      answer: { code: 'invalidClientIdOrSecret', message: expect.any(String), requestid: expect.any(String) },
      old: { errcode: 40089, errmsg: expect.any(String) },
    });
  });

  test.each([
    ['no token', {}],
    ['a wrong token', { 'x-acs-dingtalk-access-token': 'wrong' }],
  ])('rejects a request with %s', async (_name, headers) => {
    const { status, body } = await post('/v1.0/robot/groupMessages/send', {}, headers);
    expect({ status, code: body.code }).toEqual({ status: 400, code: 'InvalidAuthentication' });
  });

  test('rejects an expired token', async () => {
    const { accessToken } = (await post('/v1.0/oauth2/accessToken', credentials)).body;
    now += 7_200_000;
    const headers = { 'x-acs-dingtalk-access-token': String(accessToken) };
    expect((await post('/v1.0/robot/groupMessages/send', {}, headers)).body.code).toBe('InvalidAuthentication');
  });
});

describe('sending as the robot', () => {
  const text = { robotCode: app.robotCode, msgKey: 'sampleText', msgParam: '{"content":"hello"}' };
  const people = '/v1.0/robot/oToMessages/batchSend';
  const group = '/v1.0/robot/groupMessages/send';
  const long = JSON.stringify({ content: 'x'.repeat(15_000) });

  test.each([
    [people, 'no robotCode', { robotCode: '' }, 'invalidParameter.robotCode.empty'],
    [people, 'another robotCode', { robotCode: 'dingother' }, 'invalidParameter.robotCode.notExsit'],
    [people, 'no userIds', { userIds: [] }, 'invalidParameter.userIds.empty'],
    [people, 'userIds not a list', { userIds: 'user1' }, 'invalidParameter.userIds.empty'],
    [people, '21 userIds', { userIds: Array.from({ length: 21 }, String) }, 'invalidParameter.userIds.overMax'],
    [people, 'a senderId', { userIds: ['$:LWCP_v1:$abc'] }, 'staffId.notExisted'],
    [people, 'an unknown msgKey', { msgKey: 'text' }, 'invalidParameter.msgKey.invalid'],
    [people, 'msgParam an object', { msgParam: { content: 'hello' } }, 'invalidParameter.msgParam.invalid'],
    [people, 'msgParam stringified twice', { msgParam: '"{}"' }, 'invalidParameter.msgParam.invalid'],
    [people, 'empty content', { msgParam: '{"content":""}' }, 'invalidParameter.msgParam.invalid'],
    [people, 'msgParam over 15000 bytes', { msgParam: long }, 'invalidParameter.msgParam.tooLong'],
    [group, 'no conversation', {}, 'miss.openConversationId'],
    [group, 'an unknown conversation', { openConversationId: 'cidother' }, 'invalid.openConversationId'],
    ['/v1.0/robot/other', 'an unknown path', {}, 'resource.not.found'],
  ])('rejects at %s: %s', async (path, _name, fields, code) => {
    const { status, body } = await withToken(path, { ...text, userIds: ['user1'], ...fields });
    expect({ status, body }).toEqual({
      status: code === 'resource.not.found' ? 404 : 400,
      body: { code, message: expect.any(String), requestid: expect.stringMatching(/^[0-9A-F]{32}$/) },
    });
    expect(fake.sent).toEqual([]);
  });

  test('returns an unknown person in invalidStaffIdList with status 200', async () => {
    const { chatId } = fake.buildCallback({ text: 'hi', userId: 'user1' });
    const { status, body } = await withToken(people, { ...text, userIds: ['user1', 'stranger'] });
    expect({ status, body }).toEqual({
      status: 200,
      body: { processQueryKey: expect.any(String), invalidStaffIdList: ['stranger'], flowControlledStaffIdList: [] },
    });
    expect(fake.sent.map(({ chatId, text, via }) => ({ chatId, text, via }))).toEqual([
      { chatId, text: 'hello', via: 'oto' },
    ]);
  });

  test('returns a flow-controlled person in flowControlledStaffIdList and delivers nothing', async () => {
    fake.buildCallback({ text: 'hi', userId: 'user1' });
    fake.flowControlled.add('user1');
    const { body } = await withToken(people, { ...text, userIds: ['user1'] });
    expect(body).toMatchObject({ invalidStaffIdList: [], flowControlledStaffIdList: ['user1'] });
    expect(fake.sent).toEqual([]);
  });

  const card = { title: 't', text: 'b' };
  const two = { actionTitle1: 'yes', actionURL1: 'http://a', actionTitle2: 'no', actionURL2: 'http://b' };
  const toGroup = async (msgKey: string, param: object) => {
    const { chatId: openConversationId } = fake.buildCallback({ text: 'hi', conversationType: '2' });
    const msgParam = JSON.stringify(param);
    return await withToken(group, { robotCode: app.robotCode, openConversationId, msgKey, msgParam });
  };

  test.each([
    ['sampleMarkdown', { title: 't', text: '**b**' }, '**b**'],
    ['sampleLink', { title: 't', text: 'b', messageUrl: 'http://a' }, 't\nb'],
    ['sampleActionCard', { ...card, singleTitle: 'go', singleURL: 'http://a' }, 'b\ngo'],
    ['sampleActionCard2', { ...card, ...two }, 'b\nyes\nno'],
    ['sampleFile', { mediaId: '@a', fileName: 'a.pdf', fileType: 'pdf' }, 'a.pdf'],
  ])('accepts %s with its text', async (msgKey, param, shown) => {
    expect((await toGroup(msgKey, param)).status).toBe(200);
    expect(fake.sent).toMatchObject([{ type: msgKey, text: shown }]);
  });

  test.each([
    ['sampleMarkdown', { text: '**b**' }, 'title'],
    ['sampleLink', { title: 't', text: 'b' }, 'messageUrl'],
    ['sampleActionCard', card, 'singleTitle'],
    ['sampleActionCard3', { ...card, ...two }, 'actionTitle3'],
    ['sampleActionCard2', { ...card, ...two, actionURL2: 'javascript:b' }, 'actionURL2'],
  ])('rejects %s with %j, which lacks %s', async (msgKey, param, missing) => {
    const { body } = await toGroup(msgKey, param);
    expect(body).toMatchObject({
      code: 'invalidParameter.msgParam.invalid',
      message: expect.stringContaining(missing),
    });
    expect(fake.sent).toEqual([]);
  });

  test('accepts markdown to a group, and rejects the 21st call in a second', async () => {
    const { chatId } = fake.buildCallback({ text: 'hi', conversationType: '2' });
    const message = { robotCode: app.robotCode, openConversationId: chatId, msgKey: 'sampleMarkdown' };
    const answers = [];
    for (let count = 0; count < 21; count += 1) {
      answers.push(await withToken(group, { ...message, msgParam: '{"title":"t","text":"**b**"}' }));
    }
    expect(fake.sent.at(-1)).toMatchObject({ chatId, text: '**b**', type: 'sampleMarkdown', via: 'group' });
    expect(answers.map(({ status, body }) => body.code ?? status)).toEqual([
      ...Array.from({ length: 20 }, () => 200),
      'Forbidden.AccessDenied.QpsLimitForAppkeyAndApi',
    ]);
  });
});

test('answers every address with a page while the server is barred', async () => {
  faults.add('dingtalk-barred');
  for (const path of ['/v1.0/oauth2/accessToken', '/robot/sendBySession?session=s1', '/robot/send']) {
    const { headers, body } = await post(path, credentials);
    expect(headers.get('content-type')).toContain('text/html');
    expect(body).toMatchObject({ status: 1111, wait: 5, punish: 'deny' });
  }
});

describe('session webhooks', () => {
  const message = { msgtype: 'text', text: { content: 'hello' } };
  const card = { title: 't', text: 'b' };

  function session() {
    const { sessionWebhook, sessionWebhookExpiredTime } = JSON.parse(
      fake.buildCallback({ text: 'hi' }).body.toString(),
    );
    return { path: String(sessionWebhook).slice(server.url.length), expiresAt: Number(sessionWebhookExpiredTime) };
  }

  test.each([
    ['text', message, 0],
    ['markdown', { msgtype: 'markdown', markdown: { title: 't', text: 'b' } }, 0],
    ['markdown without title', { msgtype: 'markdown', markdown: { text: 'b' } }, 300001],
    ['empty text', { msgtype: 'text', text: { content: '' } }, 300001],
    ['an unknown msgtype', { msgtype: 'card', card: {} }, 400105],
    ['no msgtype', {}, 40035],
    ['a body that is not JSON', 'hello', 40035],
    ['a link', { msgtype: 'link', link: { title: 't', text: 'b', messageUrl: 'http://a' } }, 0],
    ['a link to nowhere', { msgtype: 'link', link: { title: 't', text: 'b' } }, 300001],
    [
      'a card with a button',
      { msgtype: 'actionCard', actionCard: { ...card, singleTitle: 'go', singleURL: 'http://a' } },
      0,
    ],
    [
      'a card with a button to no page',
      { msgtype: 'actionCard', actionCard: { ...card, singleTitle: 'go', singleURL: 'u' } },
      300001,
    ],
    ['a card with a button to nowhere', { msgtype: 'actionCard', actionCard: { ...card, singleTitle: 'go' } }, 300001],
    [
      'a card with buttons',
      { msgtype: 'actionCard', actionCard: { ...card, btns: [{ title: 'go', actionURL: 'dingtalk://a' }] } },
      0,
    ],
    [
      'a card with a button without a title',
      { msgtype: 'actionCard', actionCard: { ...card, btns: [{ title: ' ', actionURL: 'http://a' }] } },
      300001,
    ],
    ['a card with half a button', { msgtype: 'actionCard', actionCard: { ...card, btns: [{ title: 'go' }] } }, 300001],
    ['a card without a button', { msgtype: 'actionCard', actionCard: card }, 300001],
    ['a feed', { msgtype: 'feedCard', feedCard: { links: [{ title: 't', messageURL: 'u', picURL: 'p' }] } }, 0],
    ['an empty feed', { msgtype: 'feedCard', feedCard: { links: [] } }, 300001],
    ['a mention', { ...message, at: { atUserIds: ['user1'], isAtAll: false } }, 0],
    ['a mention that is no list', { ...message, at: { atUserIds: 'user1' } }, 40035],
    ['a mention without a user', { ...message, at: { atUserIds: [''] } }, 40035],
    ['51 mentions', { ...message, at: { atUserIds: Array.from({ length: 51 }, () => 'user1') } }, 40035],
    ['20,000 bytes', { msgtype: 'text', text: { content: 'x'.repeat(19_960) } }, 0],
    ['20,001 bytes', { msgtype: 'text', text: { content: 'x'.repeat(19_961) } }, 460101],
    ['20,000 bytes with escapes', { msgtype: 'text', text: { content: '"'.repeat(10_000) } }, 460101],
  ])('checks %s', async (_name, body, errcode) => {
    const answer = await post(session().path, body);
    expect({ status: answer.status, errcode: answer.body.errcode }).toEqual({ status: 200, errcode });
    expect(fake.sent.length).toBe(errcode === 0 ? 1 : 0);
  });

  test('rejects another content type, and GET', async () => {
    const { path } = session();
    expect((await post(path, message, { 'content-type': 'text/plain' })).body.errcode).toBe(43004);
    expect(await (await fetch(`${server.url}${path}`)).json()).toMatchObject({ errcode: 43002 });
  });

  test('expires at the time in the callback', async () => {
    const { path, expiresAt } = session();
    const codes = [];
    for (const at of [expiresAt - 1, expiresAt]) {
      now = at;
      codes.push((await post(path, message)).body);
    }
    expect(codes).toEqual([
      { errcode: 0, errmsg: 'ok' },
      { errcode: 300001, errmsg: 'session 不存在' },
    ]);
  });

  test('expires every session webhook with the fault', async () => {
    const { path } = session();
    faults.add('dingtalk-session-expired');
    expect((await post(path, message)).body).toEqual({ errcode: 300001, errmsg: 'session 不存在' });
  });
});

describe('the custom robot', () => {
  const message = { msgtype: 'text', text: { content: 'alert' } };
  const path = (query: Record<string, string>) => `/robot/send?${new URLSearchParams(query)}`;
  const signed = (timestamp = String(now), secret = fake.customRobot.secret) => {
    return { access_token: fake.customRobot.token, timestamp, sign: robotSign(timestamp, secret) };
  };

  test.each([
    ['signed', () => signed(), { errcode: 0, errmsg: 'ok' }],
    [
      'signed with another secret',
      () => signed(String(now), 'SECother'),
      { errcode: 310000, errmsg: 'sign not match' },
    ],
    [
      'sign encoded twice',
      () => ({ ...signed(), sign: encodeURIComponent(signed().sign) }),
      { errcode: 310000, errmsg: 'sign not match' },
    ],
    ['time in seconds', () => signed(String(now / 1000)), { errcode: 310000, errmsg: 'invalid timestamp' }],
    ['an hour old', () => signed(String(now - 3_600_001)), { errcode: 310000, errmsg: 'invalid timestamp' }],
    ['not signed', () => ({ access_token: fake.customRobot.token }), { errcode: 310000, errmsg: 'invalid timestamp' }],
    [
      'for another robot',
      () => ({ ...signed(), access_token: 'other' }),
      { errcode: 300005, errmsg: 'token is not exist' },
    ],
    ['without token', () => ({}), { errcode: 40035, errmsg: '缺少参数 access_token' }],
  ])('checks a message that is %s', async (_name, query, answer) => {
    const { status, body } = await post(path(query()), message);
    expect({ status, body }).toEqual({ status: 200, body: answer });
    expect(fake.sent.map(({ text }) => text)).toEqual(answer.errcode === 0 ? ['alert'] : []);
  });

  test('rejects a message without one of the keywords', async () => {
    fake.customRobot.keywords.push('Grafana');
    expect((await post(path(signed()), message)).body).toEqual({ errcode: 310000, errmsg: 'keywords not in content' });
  });

  test('rejects a message from an address that is not allowed', async () => {
    fake.customRobot.allowedIps.push('203.0.113.7');
    const { body } = await post(path(signed()), message);
    expect(body).toEqual({ errcode: 310000, errmsg: expect.stringMatching(/^ip .*127\.0\.0\.1 not in whitelist$/) });
  });

  test.each([
    ['关键词不匹配', () => signed(), { keywords: ['Grafana'] }],
    ['不在白名单之内', () => signed(), { allowedIps: ['203.0.113.7'] }],
    ['签名不匹配', () => signed(String(now), 'SECother'), {}],
    ['签名过期', () => signed(String(now - 3_600_001)), {}],
  ])('rejects in Chinese: %s', async (text, query, settings) => {
    Object.assign(fake.customRobot, settings, { language: 'chinese' });
    const { body } = await post(path(query()), message);
    expect(body).toEqual({ errcode: 310000, errmsg: expect.stringContaining(text) });
  });

  test('accepts a repeated msgUuid, and logs the message once', async () => {
    const answers = [];
    for (const msgUuid of ['u1', 'u1', 'u2']) answers.push((await post(path(signed()), { ...message, msgUuid })).body);
    expect(answers).toEqual(Array(3).fill({ errcode: 0, errmsg: 'ok' }));
    expect(fake.sent.map(({ uuid }) => uuid)).toEqual(['u1', 'u2']);
  });

  test('blocks the robot for 10 minutes after 20 messages in a minute', async () => {
    const codes = [];
    for (let count = 0; count < 21; count += 1) codes.push((await post(path(signed()), message)).body.errcode);
    for (const minutes of [9, 2]) {
      now += minutes * 60_000;
      codes.push((await post(path(signed()), message)).body.errcode);
    }
    expect(codes).toEqual([...Array.from({ length: 20 }, () => 0), 130101, 130101, 0]);
  });
});
