// Sending to Feishu over real HTTP: to the lab, and to a scripted platform for responses that the lab never sends.
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Channel } from '../../../../../bot/domain/channel.ts';
import type { OutboundPart } from '../../../../../bot/domain/delivery.ts';
import { createFeishuChannel } from '../../../../../bot/platforms/feishu/channel.ts';
import { generateCredentials, type Lab, startLab } from '../../../../../ops/lab/start-lab.ts';
import { createObservedClient, type ObservedClient } from '../../observed-client.ts';
import {
  type ScriptedAnswer,
  type ScriptedPlatform,
  type ScriptedRequest,
  startScriptedPlatform,
} from '../../scripted-platform.ts';

const credentials = generateCredentials();
const { appId, appSecret } = credentials.feishu;
const tokenPath = '/open-apis/auth/v3/tenant_access_token/internal';
const sendPath = '/open-apis/im/v1/messages';
const never = new AbortController().signal;

let http: ObservedClient;
beforeEach(() => {
  http = createObservedClient();
});
afterEach(() => http.close());

function channelTo(baseUrl: string, given: { appSecret?: string; http?: ObservedClient } = {}): Channel {
  const app = { appId, appSecret: given.appSecret ?? appSecret };
  return createFeishuChannel({ apps: [app], baseUrl, http: given.http ?? http, clock: Date.now });
}
function partTo(chatId: string, given: Partial<OutboundPart> = {}): OutboundPart {
  return { appId, target: { chatId }, text: '你好 "🚀"', idempotencyKey: 'key-1', now: Date.now(), ...given };
}

describe('to the lab', () => {
  let lab: Lab;
  let chatId: string;
  const start = async (port = 0, now = Date.now) => {
    lab = await startLab({
      credentials,
      now,
      botUrl: 'http://127.0.0.1:1',
      ports: { page: 0, feishu: port, dingtalk: 0, model: 0 },
    });
    ({ chatId } = lab.feishu.buildCallback({ text: 'hello' }));
  };
  beforeEach(() => start());
  afterEach(() => lab.stop());

  test('sends a part unchanged and returns the platform’s ids', async () => {
    const result = await channelTo(lab.urls.feishu).send(partTo(chatId), never);
    const [arrived] = lab.feishu.sent;
    expect(arrived).toMatchObject({ chatId, text: '你好 "🚀"', type: 'text', via: 'create', uuid: 'key-1' });
    expect(result).toEqual({
      outcome: 'sent',
      platformMessageId: arrived?.messageId,
      logId: expect.stringMatching(/^lab\d/),
    });
  });

  test('uses one token for parts sent at once and later', async () => {
    const channel = channelTo(lab.urls.feishu);
    lab.feishu.limitsRates = false;
    const parts = Array.from({ length: 10 }, (_, index) => partTo(chatId, { idempotencyKey: `key-${index}` }));
    await Promise.all(parts.map((part) => channel.send(part, never)));
    await channel.send(partTo(chatId, { idempotencyKey: 'later' }), never);
    expect(http.paths).toEqual([tokenPath, ...Array.from({ length: 11 }, () => sendPath)]);
    expect(lab.feishu.sent).toHaveLength(11);
  });

  test('creates one message for two sends with the same key', async () => {
    const channel = channelTo(lab.urls.feishu);
    const first = await channel.send(partTo(chatId), never);
    const second = await channel.send(partTo(chatId), never);
    expect(second).toMatchObject({ outcome: 'sent', platformMessageId: lab.feishu.sent[0]?.messageId });
    expect(first.outcome).toBe('sent');
    expect(lab.feishu.sent).toHaveLength(1);
  });

  test('sends the largest part, even with characters that are escaped twice', async () => {
    const channel = channelTo(lab.urls.feishu);
    const [text = ''] = channel.split('"'.repeat(200_000));
    expect(await channel.send(partTo(chatId, { text }), never)).toMatchObject({ outcome: 'sent' });
    expect(lab.feishu.sent[0]?.text).toBe(text);
  });

  test('renews a revoked token and sends the part', async () => {
    const channel = channelTo(lab.urls.feishu);
    await channel.send(partTo(chatId), never);
    const { port } = new URL(lab.urls.feishu);
    await lab.stop();
    // A new platform on the same address knows none of the old tokens.
    await start(Number(port));
    http.close();
    const result = await channel.send(partTo(chatId, { idempotencyKey: 'key-2' }), never);
    expect(result).toMatchObject({ outcome: 'sent', platformMessageId: lab.feishu.sent[0]?.messageId });
    expect(http.paths).toEqual([tokenPath, sendPath, sendPath, tokenPath, sendPath]);
  });

  test('retries with the code in the failure if the secret is wrong', async () => {
    const result = await channelTo(lab.urls.feishu, { appSecret: 'wrong' }).send(partTo(chatId), never);
    expect(result).toEqual({
      outcome: 'retrying',
      failure: {
        class: 'credentials',
        stage: 'token',
        code: '10014',
        message: 'app secret invalid',
        logId: expect.stringMatching(/^lab/),
      },
    });
    expect(http.paths).toEqual([tokenPath]);
  });

  test('does not cache a failed token request', async () => {
    const channel = channelTo(lab.urls.feishu);
    await lab.setFault('feishu-secret-revoked', true);
    expect(await channel.send(partTo(chatId), never)).toMatchObject({ outcome: 'retrying' });
    await lab.setFault('feishu-secret-revoked', false);
    expect(await channel.send(partTo(chatId), never)).toMatchObject({ outcome: 'sent' });
  });

  test('fails for a chat without the bot', async () => {
    expect(await channelTo(lab.urls.feishu).send(partTo('oc_unknown'), never)).toEqual({
      outcome: 'dead',
      failure: {
        class: 'target_gone',
        stage: 'send',
        code: '230002',
        message: 'Bot/User can NOT be out of the chat.',
        logId: expect.stringMatching(/^lab/),
      },
    });
  });

  test.each([
    { fault: 'feishu-rate-limited', class: 'rate_limited', code: '99991400', retryAfterMs: 1000 },
    { fault: 'feishu-200-with-error', class: 'platform_error', code: '5000' },
  ] as const)('retries after $fault', async ({ fault, ...failure }) => {
    await lab.setFault(fault, true);
    const result = await channelTo(lab.urls.feishu).send(partTo(chatId), never);
    expect(result).toEqual({
      outcome: 'retrying',
      failure: { stage: 'send', message: expect.any(String), logId: expect.stringMatching(/^lab/), ...failure },
    });
    expect(lab.feishu.sent).toEqual([]);
  });

  test('retries the sixth message within a second to one chat', async () => {
    await lab.stop();
    const at = Date.now();
    await start(0, () => at);
    const channel = channelTo(lab.urls.feishu);
    const keys = ['1', '2', '3', '4', '5', '6'];
    const results = await Promise.all(
      keys.map((idempotencyKey) => channel.send(partTo(chatId, { idempotencyKey }), never)),
    );
    const rejected = results.filter((result) => result.outcome !== 'sent');
    expect(rejected).toMatchObject([{ outcome: 'retrying', failure: { class: 'rate_limited', code: '230020' } }]);
  });

  test('retries after a refused connection, with and without a token', async () => {
    const channel = channelTo(lab.urls.feishu);
    const failure = { class: 'network', code: 'ECONNREFUSED', message: expect.stringContaining('127.0.0.1:') };
    await lab.setFault('feishu-down', true);
    expect(await channel.send(partTo(chatId), never)).toEqual({
      outcome: 'retrying',
      failure: { stage: 'token', ...failure },
    });
    await lab.setFault('feishu-down', false);
    expect(await channel.send(partTo(chatId), never)).toMatchObject({ outcome: 'sent' });
    await lab.setFault('feishu-down', true);
    http.close();
    expect(await channel.send(partTo(chatId), never)).toEqual({
      outcome: 'retrying',
      failure: { stage: 'send', ...failure },
    });
  });

  test('retries after a timeout', async () => {
    const impatient = createObservedClient({ timeoutMs: 1_500 });
    await lab.setFault('feishu-stall', true);
    expect(await channelTo(lab.urls.feishu, { http: impatient }).send(partTo(chatId), never)).toMatchObject({
      outcome: 'retrying',
      failure: { class: 'timeout', stage: 'token', code: 'ETIMEDOUT' },
    });
    impatient.close();
  });
});

describe('to a scripted platform', () => {
  let platform: ScriptedPlatform | undefined;
  afterEach(() => platform?.stop());

  /** Starts a platform that issues tokens and answers messages with the script. */
  async function answering(answer: (request: ScriptedRequest) => ScriptedAnswer): Promise<ScriptedPlatform> {
    platform = await startScriptedPlatform((request) => {
      if (request.path !== tokenPath) return answer(request);
      const { app_id } = Object(request.json);
      return { body: { code: 0, msg: 'ok', tenant_access_token: `t-${app_id}`, expire: 7200 } };
    });
    return platform;
  }

  test.each<[string, ScriptedAnswer, { outcome: string; failure: object }]>([
    [
      'a page of a gateway',
      { status: 502, body: '<html>Bad Gateway</html>' },
      {
        outcome: 'retrying',
        failure: { class: 'platform_error', code: 'HTTP 502', message: '<html>Bad Gateway</html>' },
      },
    ],
    [
      'a page with HTTP 200, shortened',
      { body: 'x'.repeat(1000) },
      { outcome: 'retrying', failure: { class: 'platform_error', code: 'HTTP 200', message: 'x'.repeat(200) } },
    ],
    [
      'HTTP 429 without a body',
      { status: 429, headers: { 'x-ogw-ratelimit-reset': '7' }, body: '' },
      { outcome: 'retrying', failure: { class: 'rate_limited', code: 'HTTP 429', message: '', retryAfterMs: 7000 } },
    ],
    [
      'a wait that is not a number',
      { status: 400, headers: { 'x-ogw-ratelimit-reset': 'soon' }, body: { code: 99991400, msg: 'slow down' } },
      { outcome: 'retrying', failure: { class: 'rate_limited', code: '99991400', message: 'slow down' } },
    ],
    [
      'an error with HTTP 200',
      { headers: { 'x-tt-logid': 'log-1' }, body: { code: 230028, msg: 'rejected' } },
      {
        outcome: 'dead',
        failure: { class: 'content_rejected', code: '230028', message: 'rejected', logId: 'log-1' },
      },
    ],
    [
      'an unknown code',
      { status: 400, body: { code: 77777, msg: 'new' } },
      { outcome: 'dead', failure: { class: 'unknown', code: '77777', message: 'new' } },
    ],
    [
      'a rejection whose message is not a string',
      { status: 400, body: { code: 230002, msg: { en: 'out' } } },
      { outcome: 'dead', failure: { class: 'target_gone', code: '230002', message: '' } },
    ],
    [
      'success without a message id',
      { body: { code: 0, msg: 'success' } },
      { outcome: 'unknown', failure: { class: 'unknown', code: '0', message: 'success' } },
    ],
    [
      'a redirect, which is not followed',
      { status: 302, headers: { location: 'http://127.0.0.1:1/' }, body: '' },
      { outcome: 'retrying', failure: { class: 'platform_error', code: 'HTTP 302', message: '' } },
    ],
  ])('classifies %s', async (_name, answer, { outcome, failure }) => {
    const { url } = await answering(() => answer);
    const result = await channelTo(url).send(partTo('oc_1'), never);
    expect(result).toEqual({ outcome, failure: { stage: 'send', ...failure } });
  });

  test('retries after a cut connection, because the key prevents a duplicate', async () => {
    const { url, requests } = await answering(() => 'cut');
    expect(await channelTo(url).send(partTo('oc_1'), never)).toEqual({
      outcome: 'retrying',
      failure: { class: 'network', stage: 'send', code: expect.any(String), message: expect.stringContaining('cut') },
    });
    expect(requests.map(({ path }) => path)).toEqual([tokenPath, `${sendPath}?receive_id_type=chat_id`]);
  });

  test('retries after a request without a response', async () => {
    const impatient = createObservedClient({ timeoutMs: 1_500 });
    const { url } = await answering(() => 'silence');
    expect(await channelTo(url, { http: impatient }).send(partTo('oc_1'), never)).toMatchObject({
      outcome: 'retrying',
      failure: { class: 'timeout', stage: 'send', code: 'ETIMEDOUT' },
    });
    impatient.close();
  });

  test('aborts the request at shutdown', async () => {
    const stop = new AbortController();
    const { url } = await answering(() => {
      stop.abort();
      return 'silence';
    });
    expect(await channelTo(url).send(partTo('oc_1'), stop.signal)).toMatchObject({
      outcome: 'retrying',
      failure: { code: 'ABORT_ERR' },
    });
  });

  test.each([200, 400])(
    'renews a token once and retries later if it is rejected twice with HTTP %d',
    async (status) => {
      const { url } = await answering(() => ({ status, body: { code: 99991663, msg: 'Invalid access token' } }));
      expect(await channelTo(url).send(partTo('oc_1'), never)).toMatchObject({
        outcome: 'retrying',
        failure: { class: 'token_expired', stage: 'send', code: '99991663' },
      });
      expect(http.paths).toEqual([tokenPath, sendPath, tokenPath, sendPath]);
    },
  );

  test('sends with the token of the app', async () => {
    const { url, requests } = await answering(() => ({ body: { code: 0, data: { message_id: 'om_1' } } }));
    const apps = ['cli_a', 'cli_b'].map((id) => ({ appId: id, appSecret: `secret of ${id}` }));
    const channel = createFeishuChannel({ apps, baseUrl: url, http, clock: Date.now });
    for (const id of ['cli_a', 'cli_b', 'cli_a']) {
      expect(await channel.send(partTo('oc_1', { appId: id }), never)).toEqual({
        outcome: 'sent',
        platformMessageId: 'om_1',
      });
    }
    const sends = requests.filter(({ path }) => path !== tokenPath);
    expect(sends.map(({ headers }) => headers.authorization)).toEqual([
      'Bearer t-cli_a',
      'Bearer t-cli_b',
      'Bearer t-cli_a',
    ]);
  });

  test.each<[string, ScriptedAnswer, object]>([
    [
      'a page',
      { status: 503, body: '<html>' },
      { outcome: 'retrying', failure: { class: 'platform_error', code: 'HTTP 503' } },
    ],
    ['a cut connection', 'cut', { outcome: 'retrying', failure: { class: 'network' } }],
    [
      'a disabled app',
      { body: { code: 99991662, msg: 'disabled' } },
      { outcome: 'retrying', failure: { class: 'credentials' } },
    ],
    ['no token', { body: { code: 0, msg: 'ok' } }, { outcome: 'retrying', failure: { class: 'unknown', code: '0' } }],
    [
      'an unknown code',
      { status: 400, body: { code: 20001, msg: 'new' } },
      { outcome: 'retrying', failure: { class: 'unknown', code: '20001' } },
    ],
    [
      'a wrong path',
      { status: 404, body: { code: 99991201, msg: 'path not found' } },
      { outcome: 'retrying', failure: { class: 'bad_request', code: '99991201' } },
    ],
  ])('retries after %s instead of a token', async (_name, answer, expected) => {
    platform = await startScriptedPlatform(() => answer);
    const result = await channelTo(platform.url).send(partTo('oc_1'), never);
    expect(result).toMatchObject(expected);
    expect(result).toMatchObject({ failure: { stage: 'token' } });
  });
});
