// Sending to DingTalk over real HTTP: to the lab, and to a scripted platform for responses that the lab never sends.
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Channel } from '../../../../../bot/domain/channel.ts';
import type { OutboundPart } from '../../../../../bot/domain/delivery.ts';
import { createDingtalkChannel } from '../../../../../bot/platforms/dingtalk/channel.ts';
import type { DingtalkTarget } from '../../../../../bot/platforms/dingtalk/target.ts';
import { generateCredentials, type Lab, startLab } from '../../../../../ops/lab/start-lab.ts';
import { createObservedClient, type ObservedClient } from '../../observed-client.ts';
import { requestOf } from '../../request.ts';
import { type ScriptedAnswer, type ScriptedPlatform, startScriptedPlatform } from '../../scripted-platform.ts';

const credentials = generateCredentials();
const { appKey, appSecret, robotCode } = credentials.dingtalk;
const tokenPath = '/v1.0/oauth2/accessToken';
const privatePath = '/v1.0/robot/oToMessages/batchSend';
const groupPath = '/v1.0/robot/groupMessages/send';
const sessionPath = '/robot/sendBySession';
const never = new AbortController().signal;

let http: ObservedClient;
beforeEach(() => {
  http = createObservedClient();
});
afterEach(() => http.close());

function channelTo(
  url: string,
  given: { secret?: string; http?: ObservedClient; format?: 'auto' | 'text' | 'markdown' } = {},
): Channel {
  const app = { appKey, appSecret: given.secret ?? appSecret, robotCode };
  const base = {
    apiBaseUrl: url,
    oapiBaseUrl: url,
    http: given.http ?? http,
    clock: Date.now,
    format: given.format ?? 'auto',
  };
  return createDingtalkChannel({ apps: [app], ...base });
}
function partTo(target: DingtalkTarget, given: Partial<OutboundPart> = {}): OutboundPart {
  return { appId: appKey, target, text: '你好 "🚀"\n', idempotencyKey: 'key-1', now: Date.now(), ...given };
}

describe('to the lab', () => {
  let lab: Lab;
  const start = async (port = 0, now = Date.now) => {
    lab = await startLab({
      credentials,
      now,
      botUrl: 'http://127.0.0.1:1',
      ports: { page: 0, feishu: 0, dingtalk: port, model: 0 },
    });
  };
  beforeEach(() => start());
  afterEach(() => lab.stop());

  /** Returns the target that the channel derives from a user's message. */
  function targetOf(conversationType: '1' | '2' = '1'): DingtalkTarget {
    const { headers, body: rawBody } = lab.dingtalk.buildCallback({ text: 'hello', conversationType });
    const request = requestOf({ headers, rawBody, now: Date.now() });
    const result = channelTo(lab.urls.dingtalk).receive(request);
    if (result.kind !== 'message')
      throw new Error(`The callback of the lab was not accepted: ${JSON.stringify(result)}`);
    return result.message.target as DingtalkTarget; // made by this channel
  }
  /** Returns the target without its session webhook. */
  function apiTargetOf(conversationType: '1' | '2' = '1'): DingtalkTarget {
    const { webhook: _, ...target } = targetOf(conversationType);
    return target;
  }

  describe('by the session webhook', () => {
    test.each(['1', '2'] as const)('sends before its expiry in a chat of type %s', async (type) => {
      const target = targetOf(type);
      const result = await channelTo(lab.urls.dingtalk).send(partTo(target), never);
      expect(result).toEqual({ outcome: 'sent', platformMessageId: 'session:key-1' });
      expect(lab.dingtalk.sent).toMatchObject([
        { chatId: target.conversationId, text: '你好 "🚀"\n', type: 'text', via: 'session' },
      ]);
      expect(http.paths).toEqual([sessionPath]);
    });

    test.each([
      { before: 30_000, via: 'session' },
      { before: 29_999, via: 'oto' },
      { before: -1, via: 'oto' },
    ])('sends by $via $before ms before its expiry', async ({ before, via }) => {
      const target = targetOf();
      const part = partTo(target, { now: (target.webhook?.expiresAt ?? 0) - before });
      expect(await channelTo(lab.urls.dingtalk).send(part, never)).toMatchObject({ outcome: 'sent' });
      expect(lab.dingtalk.sent.map((message) => message.via)).toEqual([via]);
    });

    test.each([
      { type: '1', via: 'oto', path: privatePath },
      { type: '2', via: 'group', path: groupPath },
    ] as const)('falls back to the API after error 300001 in a chat of type $type', async ({ type, via, path }) => {
      const target = targetOf(type);
      await lab.setFault('dingtalk-session-expired', true);
      const result = await channelTo(lab.urls.dingtalk).send(partTo(target), never);
      expect(lab.dingtalk.sent).toMatchObject([{ chatId: target.conversationId, text: '你好 "🚀"\n', via }]);
      expect(result).toEqual({ outcome: 'sent', platformMessageId: lab.dingtalk.sent[0]?.messageId });
      expect(http.paths).toEqual([sessionPath, tokenPath, path]);
    });

    test.each([
      ['another host', (stranger: string) => `${stranger}${sessionPath}?session=s1`],
      ['an invalid URL', () => 'sendBySession'],
      ['a blob URL of the platform’s origin', () => `blob:${lab.urls.dingtalk}${sessionPath}?session=s1`],
    ])('does not call %s', async (_kind, urlOf) => {
      const stranger = await startScriptedPlatform(() => ({ body: { errcode: 0 } }));
      const url = urlOf(stranger.url);
      const target = { ...targetOf(), webhook: { url, expiresAt: Date.now() + 3_600_000 } };
      const result = await channelTo(lab.urls.dingtalk).send(partTo(target), never);
      await stranger.stop();
      expect(result).toEqual({ outcome: 'sent', platformMessageId: lab.dingtalk.sent[0]?.messageId });
      expect(stranger.requests).toEqual([]);
      expect(http.paths).toEqual([tokenPath, privatePath]);
    });

    test.each<[string, (base: string) => string]>([
      ['another robot', (base) => `${base}/robot/send?access_token=attacker`],
      ['another robot with a session', (base) => `${base}/robot/send?access_token=attacker&session=s1`],
      [
        'a path that resolves to another robot',
        (base) => `${base}${sessionPath}/../send?access_token=attacker&session=s1`,
      ],
      [
        'an encoded path that resolves to another robot',
        (base) => `${base}${sessionPath}/%2e%2e/send?access_token=a&session=s1`,
      ],
      ['another path', (base) => `${base}/v1.0/robot/groupMessages/send?session=s1`],
      ['a longer path', (base) => `${base}${sessionPath}/x?session=s1`],
      ['no session', (base) => `${base}${sessionPath}`],
      ['an empty session', (base) => `${base}${sessionPath}?session=`],
      ['a session that is a fragment', (base) => `${base}${sessionPath}#?session=s1`],
      ['a name and a password', (base) => `${base.replace('//', '//user:password@')}${sessionPath}?session=s1`],
      ['a blob', (base) => `blob:${base}${sessionPath}?session=s1`],
      ['a file', () => `file://${sessionPath}?session=s1`],
      ['a WebSocket', (base) => `${base.replace('http', 'ws')}${sessionPath}?session=s1`],
    ])('does not call %s as reply address', async (_kind, url) => {
      const webhook = { url: url(lab.urls.dingtalk), expiresAt: Date.now() + 3_600_000 };
      const result = await channelTo(lab.urls.dingtalk).send(partTo({ ...targetOf(), webhook }), never);
      expect(result).toEqual({ outcome: 'sent', platformMessageId: lab.dingtalk.sent[0]?.messageId });
      expect(http.paths).toEqual([tokenPath, privatePath]);
    });
  });

  describe('by the API', () => {
    test.each([
      { type: '1', via: 'oto' },
      { type: '2', via: 'group' },
    ] as const)('sends a part to a chat of type $type', async ({ type, via }) => {
      const target = apiTargetOf(type);
      const result = await channelTo(lab.urls.dingtalk).send(partTo(target), never);
      expect(lab.dingtalk.sent).toMatchObject([{ chatId: target.conversationId, text: '你好 "🚀"\n', via }]);
      expect(result).toEqual({ outcome: 'sent', platformMessageId: lab.dingtalk.sent[0]?.messageId });
    });

    test.each(['"', '\n', '\\', '你', '🚀'])('sends the largest part of nothing but %j', async (sign) => {
      const channel = channelTo(lab.urls.dingtalk);
      const text = channel.split(sign.repeat(20_000))[0] ?? '';
      const body = `.${text.slice(sign.length)}`;
      expect(await channel.send(partTo(apiTargetOf('2'), { text: body }), never)).toMatchObject({ outcome: 'sent' });
      expect(lab.dingtalk.sent[0]?.text).toBe(body);
    });

    test('uses one token for parts sent at once and later', async () => {
      const channel = channelTo(lab.urls.dingtalk);
      const target = apiTargetOf();
      await Promise.all(Array.from({ length: 10 }, () => channel.send(partTo(target), never)));
      await channel.send(partTo(target), never);
      expect(http.paths).toEqual([tokenPath, ...Array.from({ length: 11 }, () => privatePath)]);
    });

    test('renews a revoked token and sends the part', async () => {
      const channel = channelTo(lab.urls.dingtalk);
      await channel.send(partTo(apiTargetOf()), never);
      const { port } = new URL(lab.urls.dingtalk);
      await lab.stop();
      // A new platform on the same address knows none of the old tokens.
      await start(Number(port));
      http.close();
      const result = await channel.send(partTo(apiTargetOf()), never);
      expect(result).toEqual({ outcome: 'sent', platformMessageId: lab.dingtalk.sent[0]?.messageId });
      expect(http.paths).toEqual([tokenPath, privatePath, privatePath, tokenPath, privatePath]);
    });

    test('retries with the code in the failure if the secret is wrong', async () => {
      const result = await channelTo(lab.urls.dingtalk, { secret: 'wrong' }).send(partTo(apiTargetOf()), never);
      expect(result).toEqual({
        outcome: 'retrying',
        failure: {
          class: 'credentials',
          stage: 'token',
          code: 'invalidClientIdOrSecret',
          message: '无效的clientId或者clientSecret',
          logId: expect.any(String),
        },
      });
    });

    test('fails if the response to an accepted call lists the user as not reached', async () => {
      const target = { ...apiTargetOf(), staffId: 'another-user' };
      expect(await channelTo(lab.urls.dingtalk).send(partTo(target), never)).toEqual({
        outcome: 'dead',
        failure: { class: 'target_gone', stage: 'send', code: 'invalidStaffIdList', message: expect.any(String) },
      });
    });

    test('fails for a group without the robot', async () => {
      const target = { ...apiTargetOf('2'), conversationId: 'cid-unknown' };
      expect(await channelTo(lab.urls.dingtalk).send(partTo(target), never)).toMatchObject({
        outcome: 'dead',
        failure: { class: 'target_gone', stage: 'send', code: 'invalid.openConversationId', logId: expect.any(String) },
      });
    });

    test('retries the 21st call within a second', async () => {
      await lab.stop();
      const at = Date.now();
      await start(0, () => at);
      const channel = channelTo(lab.urls.dingtalk);
      const target = apiTargetOf('2');
      const results = await Promise.all(Array.from({ length: 21 }, () => channel.send(partTo(target), never)));
      expect(results.filter(({ outcome }) => outcome !== 'sent')).toMatchObject([
        {
          outcome: 'retrying',
          failure: { class: 'rate_limited', code: 'Forbidden.AccessDenied.QpsLimitForAppkeyAndApi' },
        },
      ]);
    });
  });

  describe('Markdown', () => {
    const answer = '# Prices\n\n| Item | Price |\n|---|---|\n| Tea | 3 |\n\nThat is **all**.';
    const shown = '# Prices\n\n- **Item**: Tea; **Price**: 3\n\nThat is **all**.';
    test.each([
      ['a private chat, by the webhook', () => targetOf('1'), { via: 'session', type: 'markdown', text: shown }],
      [
        'a group, by the webhook, with a mention',
        () => targetOf('2'),
        { via: 'session', type: 'markdown', text: `@lab-user\n\n${shown}` },
      ],
      ['a private chat, by the API', () => apiTargetOf('1'), { via: 'oto', type: 'sampleMarkdown', text: shown }],
      ['a group, by the API', () => apiTargetOf('2'), { via: 'group', type: 'sampleMarkdown', text: shown }],
    ] as const)('is sent to %s', async (_name, makeTarget, sent) => {
      const channel = channelTo(lab.urls.dingtalk);
      const target = makeTarget();
      for (const text of channel.split(answer)) await channel.send(partTo(target, { text }), never);
      expect(lab.dingtalk.sent).toMatchObject([{ chatId: target.conversationId, ...sent }]);
    });

    test('is sent in parts with complete fences, by webhook and by API', async () => {
      const channel = channelTo(lab.urls.dingtalk);
      const code = Array.from({ length: 800 }, (_, line) => `  print("line ${line} \\n")`);
      const parts = channel.split(['Look:', '```py', ...code, '```', 'Done.'].join('\n'));
      expect(parts.length).toBeGreaterThan(1);
      for (const target of [targetOf('2'), apiTargetOf('2')]) {
        for (const text of parts) {
          expect(await channel.send(partTo(target, { text }), never)).toMatchObject({ outcome: 'sent' });
        }
      }
      const fences = lab.dingtalk.sent.map(({ text }) => (text.match(/^```/gm) ?? []).length);
      expect(fences).toEqual(parts.concat(parts).map(() => 2));
    });
  });

  describe('links at the end', () => {
    const item = (name: string) => `- [${name}](https://example.com/${name})`;
    const routes = [
      ['a private chat, by the webhook', () => targetOf('1'), 'session', '', () => 'actionCard'],
      ['a group, by the webhook', () => targetOf('2'), 'session', '@lab-user\n\n', () => 'actionCard'],
      ['a private chat, by the API', () => apiTargetOf('1'), 'oto', '', templateOf],
      ['a group, by the API', () => apiTargetOf('2'), 'group', '', templateOf],
    ] as const;
    function templateOf(count: number) {
      return count === 1 ? 'sampleActionCard' : `sampleActionCard${count}`;
    }

    test.each(routes)('become buttons in %s', async (_name, makeTarget, via, mention, typeOf) => {
      const channel = channelTo(lab.urls.dingtalk);
      const target = makeTarget();
      const names = ['a', 'b', 'c', 'd', 'e'];
      for (let count = 1; count <= 5; count += 1) {
        const [text = ''] = channel.split(`**See**:\n\n${names.slice(0, count).map(item).join('\n')}`);
        expect(await channel.send(partTo(target, { text }), never)).toMatchObject({ outcome: 'sent' });
      }
      expect(lab.dingtalk.sent.map(({ type, text, via }) => ({ type, text, via }))).toEqual(
        [1, 2, 3, 4, 5].map((count) => ({
          type: typeOf(count),
          text: `${mention}**See**:\n${names.slice(0, count).join('\n')}`,
          via,
        })),
      );
    });

    test.each(['markdown', 'text'] as const)('stay links in the format %s', async (format) => {
      const channel = channelTo(lab.urls.dingtalk, { format });
      await channel.send(partTo(targetOf(), { text: `See:\n${item('a')}` }), never);
      expect(lab.dingtalk.sent).toMatchObject([{ type: format, text: `See:\n${item('a')}` }]);
    });
  });

  test('retries if the user is rate-limited', async () => {
    const target = apiTargetOf();
    lab.dingtalk.flowControlled.add(target.staffId ?? '');
    expect(await channelTo(lab.urls.dingtalk).send(partTo(target), never)).toMatchObject({
      outcome: 'retrying',
      failure: { class: 'rate_limited', code: 'flowControlledStaffIdList' },
    });
  });

  test('waits five minutes if the IP address is blocked, for webhook and token', async () => {
    await lab.setFault('dingtalk-barred', true);
    for (const target of [targetOf(), apiTargetOf()]) {
      expect(await channelTo(lab.urls.dingtalk).send(partTo(target), never)).toMatchObject({
        outcome: 'retrying',
        failure: { class: 'rate_limited', code: 'HTTP 200', retryAfterMs: 300_000 },
      });
    }
  });

  test('retries after a refused connection to the webhook, the token endpoint and the API', async () => {
    const channel = channelTo(lab.urls.dingtalk);
    const [target, apiTarget] = [targetOf(), apiTargetOf()];
    const failure = { class: 'network', code: 'ECONNREFUSED', message: expect.stringContaining('127.0.0.1:') };
    await lab.setFault('dingtalk-down', true);
    const results = [await channel.send(partTo(target), never), await channel.send(partTo(apiTarget), never)];
    await lab.setFault('dingtalk-down', false);
    expect(await channel.send(partTo(apiTarget), never)).toMatchObject({ outcome: 'sent' });
    await lab.setFault('dingtalk-down', true);
    http.close();
    results.push(await channel.send(partTo(apiTarget), never));
    expect(results).toEqual(
      ['send', 'token', 'send'].map((stage) => ({ outcome: 'retrying', failure: { stage, ...failure } })),
    );
  });

  test.each([
    { from: 'the webhook', outcome: 'unknown', stage: 'send' },
    { from: 'the token endpoint', outcome: 'retrying', stage: 'token' },
  ])('classifies a timeout of $from as $outcome', async ({ from, outcome, stage }) => {
    const impatient = createObservedClient({ timeoutMs: 1_500 });
    const target = from === 'the webhook' ? targetOf() : apiTargetOf();
    await lab.setFault('dingtalk-stall', true);
    expect(await channelTo(lab.urls.dingtalk, { http: impatient }).send(partTo(target), never)).toMatchObject({
      outcome,
      failure: { class: 'timeout', stage, code: 'ETIMEDOUT' },
    });
    impatient.close();
  });
});

describe('to a scripted platform', () => {
  let platform: ScriptedPlatform | undefined;
  afterEach(() => platform?.stop());
  const target: DingtalkTarget = { robotCode, conversationId: 'cid-1', group: false, staffId: 'staff-1' };

  /** Starts a platform that issues tokens and answers messages with the script. */
  async function answering(answer: ScriptedAnswer): Promise<ScriptedPlatform> {
    platform = await startScriptedPlatform(({ path, json }) =>
      path === tokenPath ? { body: { accessToken: `token of ${Object(json).appKey}`, expireIn: 7200 } } : answer,
    );
    return platform;
  }

  const html = '<html>Bad Gateway</html>';
  const punished = '{"status":1111,"wait":5,"source":"x5","punish":"deny"}';
  test.each<[string, ScriptedAnswer, object]>([
    ['no token', { body: { expireIn: 7200 } }, { class: 'unknown', code: 'HTTP 200' }],
    ['an unknown code', { status: 400, body: { code: 'new.word' } }, { class: 'unknown', code: 'new.word' }],
    [
      'a gateway',
      { status: 404, body: { message: 'no Route matched' } },
      { class: 'platform_error', code: 'HTTP 404' },
    ],
  ])('retries after %s instead of a token', async (_name, answer, failure) => {
    platform = await startScriptedPlatform(() => answer);
    expect(await channelTo(platform.url).send(partTo(target), never)).toMatchObject({
      outcome: 'retrying',
      failure: { stage: 'token', ...failure },
    });
  });

  const shared: [string, ScriptedAnswer, { outcome: string; failure: object }][] = [
    [
      'a page of a gateway',
      { status: 502, body: html },
      { outcome: 'retrying', failure: { class: 'platform_error', code: 'HTTP 502', message: html } },
    ],
    [
      'a success without a body',
      { body: '' },
      { outcome: 'unknown', failure: { class: 'platform_error', code: 'HTTP 200', message: '' } },
    ],
    [
      'a gateway timeout',
      { status: 504, body: html },
      { outcome: 'unknown', failure: { class: 'platform_error', code: 'HTTP 504', message: html } },
    ],
    [
      'a page with HTTP 200',
      { body: html },
      { outcome: 'retrying', failure: { class: 'platform_error', code: 'HTTP 200', message: html } },
    ],
    [
      'the rate protection',
      { body: punished },
      {
        outcome: 'retrying',
        failure: { class: 'rate_limited', code: 'HTTP 200', message: punished, retryAfterMs: 300_000 },
      },
    ],
    [
      '`retry-after`',
      { status: 429, headers: { 'retry-after': '7' }, body: html },
      { outcome: 'retrying', failure: { class: 'rate_limited', code: 'HTTP 429', message: html, retryAfterMs: 7_000 } },
    ],
  ];

  test.each<(typeof shared)[number]>([
    ...shared,
    [
      'a rate-limited user',
      { body: { processQueryKey: 'q', invalidStaffIdList: [], flowControlledStaffIdList: ['staff-1'] } },
      {
        outcome: 'retrying',
        failure: { class: 'rate_limited', code: 'flowControlledStaffIdList', message: expect.any(String) },
      },
    ],
    [
      'a server error',
      { status: 500, body: { code: 'system.error', message: 'system error', requestid: 'R1' } },
      {
        outcome: 'retrying',
        failure: { class: 'platform_error', code: 'system.error', message: 'system error', logId: 'R1' },
      },
    ],
    [
      'an IP address that is not allowed',
      { status: 403, body: { code: 'Forbidden.AccessDenied.IpNotInWhiteList', message: 'ip 203.0.113.7' } },
      {
        outcome: 'retrying',
        failure: { class: 'ip_denied', code: 'Forbidden.AccessDenied.IpNotInWhiteList', message: 'ip 203.0.113.7' },
      },
    ],
    [
      'an unknown user with a number as id',
      { body: { processQueryKey: 'q', invalidStaffIdList: [7] } },
      { outcome: 'dead', failure: { class: 'target_gone', code: 'invalidStaffIdList', message: expect.any(String) } },
    ],
    [
      'a server error without a message',
      { status: 400, body: { code: 'system.error', message: { a: 1 }, requestid: 7 } },
      { outcome: 'retrying', failure: { class: 'platform_error', code: 'system.error', message: '' } },
    ],
    [
      'an unknown code',
      { status: 400, body: { code: 'new.word' } },
      { outcome: 'dead', failure: { class: 'unknown', code: 'new.word', message: '' } },
    ],
    [
      'unknown JSON',
      { body: { novelty: 1 } },
      { outcome: 'dead', failure: { class: 'unknown', code: 'HTTP 200', message: '{"novelty":1}' } },
    ],
  ])('classifies a response of the API: %s', async (_name, answer, { outcome, failure }) => {
    const { url } = await answering(answer);
    expect(await channelTo(url).send(partTo(target), never)).toEqual({
      outcome,
      failure: { stage: 'send', ...failure },
    });
  });

  test.each<(typeof shared)[number]>([
    ...shared,
    [
      'busy',
      { body: { errcode: -1, errmsg: '系统繁忙' } },
      { outcome: 'retrying', failure: { class: 'platform_error', code: '-1', message: '系统繁忙' } },
    ],
    [
      'a null code',
      { body: { errcode: null } },
      { outcome: 'dead', failure: { class: 'unknown', code: 'HTTP 200', message: '{"errcode":null}' } },
    ],
    [
      'code 88 without a cause',
      { body: { errcode: 88, errmsg: 'isv', sub_code: '0', sub_msg: 'none' } },
      { outcome: 'retrying', failure: { class: 'permission', code: '88', message: 'isv' } },
    ],
    ...[{ errmsg: { a: 1 } }, { errmsg: 7 }, { errmsg: 'busy', sub_code: {}, sub_msg: 7 }].map(
      (odd): (typeof shared)[number] => [
        `busy with ${JSON.stringify(odd)}`,
        { body: { errcode: -1, ...odd } },
        { outcome: 'retrying', failure: { class: 'platform_error', code: '-1', message: expect.any(String) } },
      ],
    ),
    [
      'code 88 with a cause',
      { body: { errcode: 88, errmsg: 'isv', sub_code: '60020', sub_msg: 'ip 203.0.113.7' } },
      { outcome: 'retrying', failure: { class: 'ip_denied', code: '60020', message: 'ip 203.0.113.7' } },
    ],
    [
      'a forbidden text',
      { body: { errcode: 430102, errmsg: 'improper text' } },
      { outcome: 'dead', failure: { class: 'content_rejected', code: '430102', message: 'improper text' } },
    ],
  ])('classifies a response of the session webhook: %s', async (_name, answer, { outcome, failure }) => {
    const { url } = await answering(answer);
    const webhook = { url: `${url}${sessionPath}?session=s1`, expiresAt: Date.now() + 3_600_000 };
    expect(await channelTo(url).send(partTo({ ...target, webhook }), never)).toEqual({
      outcome,
      failure: { stage: 'send', ...failure },
    });
    expect(http.paths).toEqual([sessionPath]);
  });

  const blocked = { errcode: 130101, errmsg: 'send too fast, exceed 20 times per minute' };
  const live = (url: string) => ({ url: `${url}${sessionPath}?session=s1`, expiresAt: Date.now() + 3_600_000 });

  test.each([
    ['blocked for 10 minutes', blocked],
    ['unknown', { errcode: 300001, errmsg: 'session 不存在' }],
    ['unknown, with another message', { errcode: 300001, errmsg: 'token is not exist' }],
    ['unknown, with the newer code', { errcode: 300005, errmsg: 'token is not exist' }],
  ])('sends by the API if the session webhook is %s', async (_name, rejection) => {
    platform = await startScriptedPlatform(({ path }) => {
      if (path.startsWith(sessionPath)) return { body: rejection };
      return { body: path === tokenPath ? { accessToken: 't', expireIn: 7200 } : { processQueryKey: 'q1' } };
    });
    const result = await channelTo(platform.url).send(partTo({ ...target, webhook: live(platform.url) }), never);
    expect(result).toEqual({ outcome: 'sent', platformMessageId: 'q1' });
    expect(http.paths).toEqual([sessionPath, tokenPath, privatePath]);
  });

  describe('to a user without a staff id', () => {
    const { staffId: _staff, ...targetWithoutId } = target;
    const failure = {
      class: 'target_gone',
      stage: 'send',
      code: 'NO_STAFF_ID',
      message: expect.stringMatching(/Publish/),
    };
    test.each([
      ['sends by the webhook', { errcode: 0, errmsg: 'ok' }, { outcome: 'sent', platformMessageId: 'session:key-1' }],
      [
        'fails after the webhook has expired',
        { errcode: 300001, errmsg: 'session 不存在' },
        { outcome: 'dead', failure },
      ],
      [
        'waits for a blocked webhook',
        blocked,
        {
          outcome: 'retrying',
          failure: {
            class: 'rate_limited',
            stage: 'send',
            code: '130101',
            message: blocked.errmsg,
            retryAfterMs: 600_000,
          },
        },
      ],
    ])('%s', async (_name, answer, result) => {
      const { url } = await answering({ body: answer });
      expect(await channelTo(url).send(partTo({ ...targetWithoutId, webhook: live(url) }), never)).toEqual(result);
      expect(http.paths).toEqual([sessionPath]);
    });

    test('fails without a call if there is no webhook', async () => {
      const { url } = await answering({ body: { processQueryKey: 'q1' } });
      expect(await channelTo(url).send(partTo(targetWithoutId), never)).toEqual({ outcome: 'dead', failure });
      expect(http.paths).toEqual([]);
    });

    test('sends to a group by the API', async () => {
      const { url } = await answering({ body: { processQueryKey: 'q1' } });
      expect(await channelTo(url).send(partTo({ ...targetWithoutId, group: true }), never)).toMatchObject({
        outcome: 'sent',
      });
      expect(http.paths).toEqual([tokenPath, groupPath]);
    });
  });

  const card = { title: 'See:', text: 'See:' };
  const links = 'See:\n\n1. [a](https://a/1)\n2. [b](https://b)';
  const btns = [
    { title: 'a', actionURL: 'https://a/1' },
    { title: 'b', actionURL: 'https://b' },
  ];

  describe('the body for a webhook', () => {
    const at = { atUserIds: ['staff-1'], isAtAll: false };
    test.each([
      ['of a text', false, 'hello', { msgtype: 'text', text: { content: 'hello' } }],
      [
        'of a text in a group, with a mention of the asker',
        true,
        'hello',
        { msgtype: 'text', text: { content: 'hello' }, at },
      ],
      ['of Markdown', false, '# Hi\nyou', { msgtype: 'markdown', markdown: { title: 'Hi', text: '# Hi\nyou' } }],
      [
        'of Markdown in a group, with a mention of the asker in its text',
        true,
        '**Hi**',
        { msgtype: 'markdown', markdown: { title: 'Hi', text: '@staff-1\n\n**Hi**' }, at },
      ],
      [
        'of a link at the end',
        false,
        'See:\n- [a](https://a/1)',
        { msgtype: 'actionCard', actionCard: { ...card, singleTitle: 'a', singleURL: 'https://a/1' } },
      ],
      [
        'of links at the end, in a group',
        true,
        links,
        { msgtype: 'actionCard', actionCard: { ...card, text: '@staff-1\n\nSee:', btnOrientation: '0', btns }, at },
      ],
    ])('%s', async (_name, group, text, body) => {
      const { url, requests } = await answering({ body: { errcode: 0, errmsg: 'ok' } });
      await channelTo(url).send(partTo({ ...target, group, webhook: live(url) }, { text }), never);
      expect(requests.map(({ json }) => json)).toEqual([body]);
    });
  });

  test.each([
    ['See:\n- [a](https://a/1)', 'sampleActionCard', { ...card, singleTitle: 'a', singleURL: 'https://a/1' }],
    [
      links,
      'sampleActionCard2',
      { ...card, actionTitle1: 'a', actionURL1: 'https://a/1', actionTitle2: 'b', actionURL2: 'https://b' },
    ],
  ])('sends %j to the API as %s', async (text, msgKey, param) => {
    const { url, requests } = await answering({ body: { processQueryKey: 'q1' } });
    await channelTo(url).send(partTo(target, { text }), never);
    const { msgParam, ...message } = Object(requests[1]?.json);
    expect([message, JSON.parse(msgParam)]).toEqual([{ robotCode, userIds: ['staff-1'], msgKey }, param]);
  });

  test.each([
    ['is sent as markdown', ['actionCard'], ['actionCard', 'markdown'], 'sent'],
    [
      'is sent as text if markdown is rejected too',
      ['actionCard', 'markdown'],
      ['actionCard', 'markdown', 'text'],
      'sent',
    ],
    ['fails if all forms are rejected', ['actionCard', 'markdown', 'text'], ['actionCard', 'markdown', 'text'], 'dead'],
  ])('a rejected card %s', async (_name, rejectedTypes, types, outcome) => {
    platform = await startScriptedPlatform(({ json }) => ({
      body: { errcode: rejectedTypes.includes(Object(json).msgtype) ? 400105 : 0, errmsg: 'unsupported msgtype' },
    }));
    const part = partTo({ ...target, webhook: live(platform.url) }, { text: links });
    expect(await channelTo(platform.url).send(part, never)).toMatchObject({ outcome });
    expect(platform.requests.map(({ json }) => Object(json).msgtype)).toEqual(types);
  });

  describe('rejected Markdown', () => {
    const asText = [
      { msgtype: 'markdown', markdown: { title: 'Hi', text: '**Hi**' } },
      { msgtype: 'text', text: { content: '**Hi**' } },
    ];
    test.each([
      ['with an unsupported type is sent as text', 400105, asText],
      ['with a missing field is sent as text', 300001, asText],
      ['with improper content fails', 430102, asText.slice(0, 1)],
      ['with an unknown code fails', 77777, asText.slice(0, 1)],
    ])('%s', async (_name, errcode, bodies) => {
      platform = await startScriptedPlatform(({ json }) => ({
        body: Object(json).msgtype === 'text' ? { errcode: 0 } : { errcode, errmsg: 'markdown.title is null' },
      }));
      const part = partTo({ ...target, webhook: live(platform.url) }, { text: '**Hi**' });
      const { outcome } = await channelTo(platform.url).send(part, never);
      expect({ outcome, bodies: platform.requests.map(({ json }) => json) }).toEqual({
        outcome: bodies.length === 2 ? 'sent' : 'dead',
        bodies,
      });
    });

    test('is not sent again if the connection is cut before the response', async () => {
      const { url, requests } = await answering('cut');
      const part = partTo({ ...target, webhook: live(url) }, { text: '**Hi**' });
      expect(await channelTo(url).send(part, never)).toMatchObject({ outcome: 'unknown' });
      expect(requests).toHaveLength(1);
    });
  });

  test('sends the form of the setting', async () => {
    const { url, requests } = await answering({ body: { processQueryKey: 'q1' } });
    await channelTo(url, { format: 'text' }).send(partTo(target, { text: '**Hi**' }), never);
    await channelTo(url, { format: 'markdown' }).send(partTo(target, { text: 'Hi' }), never);
    const sent = requests.filter(({ path }) => path === privatePath).map(({ json }) => Object(json));
    expect(sent.map(({ msgKey, msgParam }) => [msgKey, msgParam])).toEqual([
      ['sampleText', '{"content":"**Hi**"}'],
      ['sampleMarkdown', '{"title":"Hi","text":"Hi"}'],
    ]);
  });

  test.each(['the API', 'the webhook'])(
    'has an unknown outcome if the connection to %s is cut after the request',
    async (route) => {
      const { url } = await answering('cut');
      const webhook = { url: `${url}${sessionPath}?session=s1`, expiresAt: Date.now() + 3_600_000 };
      const part = partTo(route === 'the API' ? target : { ...target, webhook });
      expect(await channelTo(url).send(part, never)).toEqual({
        outcome: 'unknown',
        failure: { class: 'network', stage: 'send', code: expect.any(String), message: expect.stringContaining('cut') },
      });
    },
  );

  test('retries after a cut connection instead of a token', async () => {
    platform = await startScriptedPlatform(() => 'cut');
    expect(await channelTo(platform.url).send(partTo(target), never)).toMatchObject({
      outcome: 'retrying',
      failure: { class: 'network', stage: 'token' },
    });
  });

  test('renews a token once and retries later if it is rejected twice', async () => {
    const { url } = await answering({ status: 400, body: { code: 'InvalidAuthentication', message: 'invalid' } });
    expect(await channelTo(url).send(partTo(target), never)).toEqual({
      outcome: 'retrying',
      failure: { class: 'token_expired', stage: 'send', code: 'InvalidAuthentication', message: 'invalid' },
    });
    expect(http.paths).toEqual([tokenPath, privatePath, tokenPath, privatePath]);
  });

  test('sends the token in its header and the text as JSON in JSON', async () => {
    const { url, requests } = await answering({ body: { processQueryKey: 'q1' } });
    const channel = channelTo(url);
    await channel.send(partTo(target, { text: 'hello' }), never);
    await channel.send(partTo({ ...target, group: true }, { text: 'hello' }), never);
    const message = { robotCode, msgKey: 'sampleText', msgParam: '{"content":"hello"}' };
    expect(requests.slice(1).map(({ path, json }) => ({ path, json }))).toEqual([
      { path: privatePath, json: { ...message, userIds: ['staff-1'] } },
      { path: groupPath, json: { ...message, openConversationId: 'cid-1' } },
    ]);
    expect(requests.slice(1).map(({ headers }) => headers['x-acs-dingtalk-access-token'])).toEqual([
      `token of ${appKey}`,
      `token of ${appKey}`,
    ]);
  });
});
