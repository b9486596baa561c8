// Checks the faults of answers to messages: rejected in the platform's shape, or accepted and the answer lost.
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { generateCredentials, type Lab, startLab } from '../../../ops/lab/start-lab.ts';
import { postJson } from './post-json.ts';

const credentials = generateCredentials();
const sample = { msgKey: 'sampleText', msgParam: '{"content":"hello"}' };
let lab: Lab;

beforeEach(async () => {
  lab = await startLab({ credentials, botUrl: 'http://127.0.0.1:9' });
});
afterEach(() => lab.stop());

async function toFeishu() {
  const { appId, appSecret } = credentials.feishu;
  const api = `${lab.urls.feishu}/open-apis`;
  const { body } = await postJson(`${api}/auth/v3/tenant_access_token/internal`, {
    app_id: appId,
    app_secret: appSecret,
  });
  const { chatId } = lab.feishu.buildCallback({ text: 'hi' });
  const message = { receive_id: chatId, msg_type: 'text', content: '{"text":"hello"}' };
  const headers = { authorization: `Bearer ${body.tenant_access_token}` };
  return await postJson(`${api}/im/v1/messages?receive_id_type=chat_id`, message, headers);
}

async function toDingtalkApi() {
  const { appKey, appSecret, robotCode } = credentials.dingtalk;
  const { body } = await postJson(`${lab.urls.dingtalk}/v1.0/oauth2/accessToken`, { appKey, appSecret });
  const { chatId } = lab.dingtalk.buildCallback({ text: 'hi', conversationType: '2' });
  const message = { robotCode, openConversationId: chatId, ...sample };
  const headers = { 'x-acs-dingtalk-access-token': String(body.accessToken) };
  return await postJson(`${lab.urls.dingtalk}/v1.0/robot/groupMessages/send`, message, headers);
}

async function toSessionWebhook() {
  const { body } = lab.dingtalk.buildCallback({ text: 'hi' });
  const { sessionWebhook } = JSON.parse(body.toString());
  return await postJson(sessionWebhook, { msgtype: 'text', text: { content: 'hello' } });
}

test.each([
  ['feishu-500', toFeishu, { status: 500, body: { code: 5000 } }],
  ['dingtalk-rate-limited', toSessionWebhook, { status: 200, body: { errcode: 130101 } }],
  ['dingtalk-rate-limited', toDingtalkApi, { status: 403 }],
  ['dingtalk-200-with-error', toSessionWebhook, { status: 200, body: { errcode: -1 } }],
  ['dingtalk-200-with-error', toDingtalkApi, { status: 200, body: { code: 'system.error' } }],
] as const)('rejects a message with %s', async (fault, send, expected) => {
  await lab.setFault(fault, true);
  expect(await send()).toMatchObject(expected);
  expect([...lab.feishu.sent, ...lab.dingtalk.sent]).toEqual([]);
});

test.each([toSessionWebhook, toDingtalkApi])('answers dingtalk-500 with a page of the gateway (%p)', async (send) => {
  await lab.setFault('dingtalk-500', true);
  await expect(send()).rejects.toThrow('is not valid JSON');
  expect(lab.dingtalk.sent).toEqual([]);
});

test.each([
  ['feishu-answer-lost', toFeishu],
  ['dingtalk-answer-lost', toSessionWebhook],
  ['dingtalk-answer-lost', toDingtalkApi],
] as const)('accepts the message without an answer: %s', async (fault, send) => {
  await lab.setFault(fault, true);
  await expect(send()).rejects.toThrow('fetch failed');
  expect([...lab.feishu.sent, ...lab.dingtalk.sent]).toHaveLength(1);
});

test('does not answer a model request with model-stall', async () => {
  await lab.setFault('model-stall', true);
  const asked = fetch(`${lab.urls.model}/v1/models`, { signal: AbortSignal.timeout(300) });
  await expect(asked).rejects.toThrow('timeout');
});
