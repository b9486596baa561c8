// Bad input of every kind: status, one log line with a reason, one count, no internals in the answer, and no effect on
// the next message.
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { robotSign } from '../../../bot/platforms/dingtalk/crypto.ts';
import { openStore } from '../../../bot/store/open-store.ts';
import type { Callback } from '../../../ops/lab/common/deliver.ts';
import { type BotAndLab, startBotAndLab } from '../../support/bot-and-lab.ts';
import { PATIENCE_MS } from '../../support/patience.ts';
import { waitUntil } from '../../support/wait-until.ts';

let running: BotAndLab;

beforeAll(async () => {
  running = await startBotAndLab({ env: { SENDER_RATE_LIMIT: '0' } });
  const store = openStore(running.env.DATABASE_URL ?? '');
  await store.knex('tenant_config').update({ rate_limit: 10_000 });
  await store.close();
});
afterAll(async () => {
  await running.stop();
});

type Platform = 'feishu' | 'dingtalk';
type Outcome = 'accepted' | 'duplicate' | 'ignored' | 'rejected';

interface BadInput {
  name: string;
  on: Platform;
  make: () => Callback;
  status: number;
  outcome: Outcome;
  reason: string;
}

const feishuText = (text: string) => running.lab.feishu.buildCallback({ text });
const dingtalkText = (text: string) => running.lab.dingtalk.buildCallback({ text });
const withHeaders = (callback: Callback, headers: Record<string, string | undefined>): Callback => ({
  ...callback,
  headers: Object.fromEntries(
    Object.entries({ ...callback.headers, ...headers }).filter(
      (entry): entry is [string, string] => entry[1] !== undefined,
    ),
  ),
});
const withBody = (callback: Callback, body: string | Buffer): Callback => ({ ...callback, body: Buffer.from(body) });
const unsignedFeishu = {
  'x-lark-signature': undefined,
  'x-lark-request-timestamp': undefined,
  'x-lark-request-nonce': undefined,
};
const lowerCase = (callback: Callback): Callback => ({
  ...callback,
  headers: Object.fromEntries(Object.entries(callback.headers).map(([name, value]) => [name.toLowerCase(), value])),
});
const feishuEvent = (change: (event: Record<string, Record<string, unknown>>) => void): Callback => {
  const { appId, tenantKey, verificationToken } = credentials().feishu;
  const event = {
    schema: '2.0',
    header: {
      event_id: `ev_${Math.random()}`,
      event_type: 'im.message.receive_v1',
      create_time: '1608725989000',
      token: verificationToken,
      app_id: appId,
      tenant_key: tenantKey,
    },
    event: {
      sender: { sender_id: { open_id: 'ou_x' }, sender_type: 'user', tenant_key: tenantKey },
      message: {
        message_id: `om_${Math.random()}`,
        create_time: '1608725989000',
        chat_id: 'oc_bad',
        chat_type: 'p2p',
        message_type: 'text',
        content: '{"text":"hi"}',
      },
    },
  };
  change(event as unknown as Record<string, Record<string, unknown>>);
  return lowerCase(running.lab.feishu.seal(event));
};
const credentials = () => ({
  feishu: {
    appId: running.env.FEISHU_APP_ID,
    verificationToken: running.env.FEISHU_VERIFICATION_TOKEN,
    tenantKey: 'tenant-of-the-table',
  },
});
const message = (event: Record<string, Record<string, unknown>>) => event.event?.message as Record<string, unknown>;

const table: BadInput[] = [
  ...(['feishu', 'dingtalk'] as const).flatMap((on): BadInput[] => {
    const text = on === 'feishu' ? feishuText : dingtalkText;
    const call = (content: string) => lowerCase(text(content));
    return [
      {
        name: 'a body that is not JSON',
        on,
        make: () => withBody(call('x'), 'hello'),
        status: on === 'feishu' ? 401 : 400,
        outcome: 'rejected',
        reason: on === 'feishu' ? 'signature_mismatch' : 'malformed_json',
      },
      {
        name: 'an empty body',
        on,
        make: () => withBody(call('x'), ''),
        status: on === 'feishu' ? 401 : 400,
        outcome: 'rejected',
        reason: on === 'feishu' ? 'signature_mismatch' : 'malformed_json',
      },
      {
        name: 'JSON that is not an object',
        on,
        make: () => withBody(call('x'), '42'),
        status: on === 'feishu' ? 401 : 400,
        outcome: 'rejected',
        reason: on === 'feishu' ? 'signature_mismatch' : 'malformed_json',
      },
      {
        name: 'a JSON array',
        on,
        make: () => withBody(withHeaders(call('x'), unsignedFeishu), '[]'),
        status: on === 'feishu' ? 401 : 400,
        outcome: 'rejected',
        reason: on === 'feishu' ? 'missing_signature' : 'malformed_event',
      },
      {
        name: 'truncated JSON',
        on,
        make: () => withBody(call('x'), call('x').body.subarray(0, 20)),
        status: on === 'feishu' ? 401 : 400,
        outcome: 'rejected',
        reason: on === 'feishu' ? 'signature_mismatch' : 'malformed_json',
      },
      {
        name: 'a body above 1 MB',
        on,
        make: () => withBody(call('x'), `{"a":"${'x'.repeat(1_100_000)}"}`),
        status: 413,
        outcome: 'rejected',
        reason: 'too_large',
      },
      {
        name: 'a form',
        on,
        make: () => withHeaders(call('x'), { 'content-type': 'application/x-www-form-urlencoded' }),
        status: 415,
        outcome: 'rejected',
        reason: 'unsupported_media_type',
      },
      {
        name: 'no content type',
        on,
        make: () => withHeaders(call('x'), { 'content-type': '' }),
        status: 415,
        outcome: 'rejected',
        reason: 'unsupported_media_type',
      },
      {
        name: 'an unknown content encoding',
        on,
        make: () => withHeaders(call('x'), { 'content-encoding': 'brotli-9' }),
        status: 415,
        outcome: 'rejected',
        reason: 'unsupported_media_type',
      },
      {
        name: 'a compressed body, which neither platform sends',
        on,
        make: () => withHeaders(call('x'), { 'content-encoding': 'gzip' }),
        status: 415,
        outcome: 'rejected',
        reason: 'unsupported_media_type',
      },
      {
        name: '100 kB of text',
        on,
        make: () => call('长'.repeat(33_000)),
        status: 200,
        outcome: 'accepted',
        reason: 'message',
      },
      {
        name: 'lone surrogates',
        on,
        make: () => call('a\ud800b\udfffc'),
        status: 200,
        outcome: 'accepted',
        reason: 'message',
      },
      {
        name: 'right-to-left text',
        on,
        make: () => call('\u202eשלום \u200fمرحبا\u202c'),
        status: 200,
        outcome: 'accepted',
        reason: 'message',
      },
      {
        name: 'zero-width joiners inside text',
        on,
        make: () => call('👩‍👩‍👧‍👦\u200bhi'),
        status: 200,
        outcome: 'accepted',
        reason: 'message',
      },
      {
        name: 'only zero-width characters',
        on,
        make: () => call('\u200b\u200d\ufeff'),
        status: 200,
        outcome: 'ignored',
        reason: 'empty_text',
      },
    ];
  }),
  {
    name: 'no signature',
    on: 'feishu',
    make: () => withHeaders(lowerCase(feishuText('x')), unsignedFeishu),
    status: 401,
    outcome: 'rejected',
    reason: 'missing_signature',
  },
  {
    name: 'a wrong signature',
    on: 'feishu',
    make: () => withHeaders(lowerCase(feishuText('x')), { 'x-lark-signature': 'f'.repeat(64) }),
    status: 401,
    outcome: 'rejected',
    reason: 'signature_mismatch',
  },
  {
    name: 'a body changed in transit',
    on: 'feishu',
    make: () => withBody(lowerCase(feishuText('x')), '{"encrypt":"AAAA"}'),
    status: 401,
    outcome: 'rejected',
    reason: 'signature_mismatch',
  },
  {
    name: 'an event without encryption',
    on: 'feishu',
    make: () => lowerCase(running.lab.feishu.buildCallback({ text: 'x', encrypted: false })),
    status: 401,
    outcome: 'rejected',
    reason: 'missing_signature',
  },
  {
    name: 'an unknown event type',
    on: 'feishu',
    make: () =>
      feishuEvent((event) => {
        (event.header as Record<string, unknown>).event_type = 'im.novelty_v1';
      }),
    status: 200,
    outcome: 'ignored',
    reason: 'unknown_event_type',
  },
  {
    name: 'an event of another app',
    on: 'feishu',
    make: () =>
      feishuEvent((event) => {
        (event.header as Record<string, unknown>).app_id = 'cli_other';
      }),
    status: 403,
    outcome: 'rejected',
    reason: 'unknown_app',
  },
  {
    name: 'a wrong verification token',
    on: 'feishu',
    make: () =>
      feishuEvent((event) => {
        (event.header as Record<string, unknown>).token = 'wrong';
      }),
    status: 401,
    outcome: 'rejected',
    reason: 'token_mismatch',
  },
  {
    name: 'a system message',
    on: 'feishu',
    make: () =>
      feishuEvent((event) => {
        message(event).message_type = 'system';
      }),
    status: 200,
    outcome: 'ignored',
    reason: 'not_text',
  },
  {
    name: 'a message without text',
    on: 'feishu',
    make: () =>
      feishuEvent((event) => {
        message(event).content = '{}';
      }),
    status: 200,
    outcome: 'ignored',
    reason: 'empty_text',
  },
  {
    name: 'a message recalled before its delivery',
    on: 'feishu',
    make: () =>
      feishuEvent((event) => {
        message(event).content = '';
      }),
    status: 200,
    outcome: 'ignored',
    reason: 'empty_text',
  },
  {
    name: 'a message of another bot',
    on: 'feishu',
    make: () =>
      feishuEvent((event) => {
        (event.event?.sender as Record<string, unknown>).sender_type = 'app';
      }),
    status: 200,
    outcome: 'ignored',
    reason: 'bot_sender',
  },
  {
    name: 'an event without its fields',
    on: 'feishu',
    make: () =>
      feishuEvent((event) => {
        delete (event.event as Record<string, unknown>).message;
      }),
    status: 400,
    outcome: 'rejected',
    reason: 'malformed_event',
  },
  {
    name: 'an unknown tenant',
    on: 'feishu',
    make: () => feishuEvent(() => {}),
    status: 200,
    outcome: 'ignored',
    reason: 'unknown_tenant',
  },
  {
    name: 'no signature',
    on: 'dingtalk',
    make: () => withHeaders(lowerCase(dingtalkText('x')), { sign: undefined }),
    status: 401,
    outcome: 'rejected',
    reason: 'missing_signature',
  },
  {
    name: 'a wrong signature',
    on: 'dingtalk',
    make: () => withHeaders(lowerCase(dingtalkText('x')), { sign: Buffer.alloc(32).toString('base64') }),
    status: 401,
    outcome: 'rejected',
    reason: 'signature_mismatch',
  },
  {
    name: 'a message without text',
    on: 'dingtalk',
    make: () =>
      lowerCase(running.lab.dingtalk.seal({ ...JSON.parse(dingtalkText('x').body.toString()), text: undefined })),
    status: 200,
    outcome: 'ignored',
    reason: 'not_text',
  },
  {
    name: 'a message without its fields',
    on: 'dingtalk',
    make: () => lowerCase(running.lab.dingtalk.seal({ msgtype: 'text' })),
    status: 400,
    outcome: 'rejected',
    reason: 'malformed_event',
  },
  {
    name: 'another robot',
    on: 'dingtalk',
    make: () =>
      lowerCase(
        running.lab.dingtalk.seal({ ...JSON.parse(dingtalkText('x').body.toString()), robotCode: 'dingOther' }),
      ),
    status: 403,
    outcome: 'rejected',
    reason: 'unknown_app',
  },
  {
    name: 'an unknown tenant',
    on: 'dingtalk',
    make: () =>
      lowerCase(
        running.lab.dingtalk.seal({ ...JSON.parse(dingtalkText('x').body.toString()), chatbotCorpId: 'dingStranger' }),
      ),
    status: 200,
    outcome: 'ignored',
    reason: 'unknown_tenant',
  },
  {
    name: 'an encrypted event with a wrong signature',
    on: 'dingtalk',
    make: () => {
      const event = running.lab.dingtalk.buildEvent('check_url');
      return { ...event, url: event.url.replace(/signature=[0-9a-f]/, 'signature=z') };
    },
    status: 401,
    outcome: 'rejected',
    reason: 'signature_mismatch',
  },
];

beforeAll(async () => {
  // The first organisation that sends a message is bound to the default tenant. Later ones are unknown.
  for (const on of ['feishu', 'dingtalk'] as const) {
    const { messageId } = await running.lab[on].sendText({ text: 'first' });
    await running.lab[on].waitForReply({ afterMessageId: messageId, timeoutMs: PATIENCE_MS });
  }
});

async function post(callback: Callback): Promise<{ status: number; body: string }> {
  const response = await fetch(callback.url, {
    method: 'POST',
    headers: callback.headers,
    body: new Uint8Array(callback.body),
  });
  return { status: response.status, body: await response.text() };
}

const received = async () => (await running.logLines()).filter((line) => line['event.action'] === 'callback-received');

async function expectRecorded(
  before: number,
  expected: Pick<BadInput, 'on' | 'status' | 'outcome' | 'reason'>,
): Promise<void> {
  const lines = await waitUntil('the log line', async () => {
    const all = await received();
    return all.length > before && all.slice(before);
  });
  expect(lines).toHaveLength(1);
  expect(lines[0]).toMatchObject({
    'event.reason': expected.reason,
    'chatbot.platform': expected.on,
    'chatbot.callback_outcome': expected.outcome,
    'http.response.status_code': expected.status,
  });
}

async function expectNextMessageWorks(on: Platform): Promise<void> {
  const { messageId, status } = await running.lab[on].sendText({
    text: 'still there?',
    chatId: on === 'feishu' ? 'oc_next' : 'cidNext',
  });
  expect(status).toBe(200);
  const reply = await running.lab[on].waitForReply({ afterMessageId: messageId, timeoutMs: PATIENCE_MS });
  expect(reply.text).toContain('still there?');
}

describe('over HTTP', () => {
  test.each(table)('$on: answers $name with $status $reason', async ({ on, make, status, outcome, reason }) => {
    const series = `chatbot_callbacks_total{platform="${on}",outcome="${outcome}"}`;
    const [lines, count] = [await received(), await running.metric(series)];
    const answer = await post(make());
    expect(answer.status).toBe(status);
    expect(answer.body).not.toMatch(/ at |node_modules|\.[tj]s:|SQLITE|select /);
    await expectRecorded(lines.length, { on, status, outcome, reason });
    await expect(running.metric(series)).resolves.toBe(count + 1);
    await expectNextMessageWorks(on);
  });

  test.each(['feishu', 'dingtalk'] as const)('%s: a repeated callback is recorded as a duplicate', async (on) => {
    const callback = on === 'feishu' ? feishuText('again') : dingtalkText('again');
    await post(callback);
    const before = (await received()).length;
    expect((await post(callback)).status).toBe(200);
    await expectRecorded(before, { on, status: 200, outcome: 'duplicate', reason: 'duplicate' });
  });

  test('a DingTalk callback signed an hour ago is rejected as stale, even with a valid signature', async () => {
    const timestamp = String(Date.now() - 3_700_000);
    const sign = robotSign(running.env.DINGTALK_APP_SECRET ?? '', timestamp);
    const before = (await received()).length;
    const answer = await post(withHeaders(lowerCase(dingtalkText('old')), { timestamp, sign }));
    expect(answer.status).toBe(401);
    await expectRecorded(before, { on: 'dingtalk', status: 401, outcome: 'rejected', reason: 'stale_timestamp' });
  });

  test('a connection closed inside the body is recorded as one rejected callback', async () => {
    const before = (await received()).length;
    const socket = connect(Number(new URL(running.url).port), '127.0.0.1');
    socket.write(
      'POST /feishu/verify HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 500\r\n\r\n{"enc',
    );
    setTimeout(() => socket.destroy(), 100);
    await expectRecorded(before, { on: 'feishu', status: 400, outcome: 'rejected', reason: 'incomplete_body' });
    await expectNextMessageWorks('feishu');
  });
});

test.each([
  ['GET', '/feishu/verify', 404],
  ['POST', '/', 404],
  ['POST', '/metrics', 404],
  ['GET', '/status', 404],
  ['POST', '/feishu/../status', 404],
])('%s %s on the public listener answers %i', async (method, path, status) => {
  const response = await fetch(`${running.url}${path}`, { method });
  expect(response.status).toBe(status);
  await expect(response.json()).resolves.toEqual({ error: 'not_found' });
});
