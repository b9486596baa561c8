// Two people with the same staff id in different DingTalk organisations are kept apart, on a complete bot with the lab.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { openStore } from '../../../../bot/store/open-store.ts';
import { type BotAndLab, startBotAndLab } from '../../../support/bot-and-lab.ts';
import { PATIENCE_MS } from '../../../support/patience.ts';

const STAFF_ID = 'manager42';
const HOME = 'dinghome';
const ABROAD = 'dingabroad';
let running: BotAndLab;
let count = 0;

/** Returns the bot's reply to the person with this staff id in the organisation, or an empty text without a reply. */
async function ask(text: string, corpId: string, over: Record<string, unknown> = {}): Promise<string> {
  const { dingtalk } = running.lab;
  const { body } = dingtalk.buildCallback({ text });
  count += 1;
  const callback = dingtalk.seal({
    ...JSON.parse(String(body)),
    ...{ msgId: `msg-${count}`, chatbotCorpId: corpId, senderCorpId: corpId, senderStaffId: STAFF_ID },
    ...over,
  });
  const before = dingtalk.sent.length;
  const response = await fetch(callback.url, { method: 'POST', headers: callback.headers, body: callback.body });
  expect(response.status).toBe(200);
  const deadline = Date.now() + PATIENCE_MS;
  while (dingtalk.sent.length === before && Date.now() < deadline) await new Promise((done) => setTimeout(done, 20));
  return dingtalk.sent[before]?.text ?? '';
}

beforeAll(async () => {
  running = await startBotAndLab({ env: { OPERATORS: `dingtalk:${STAFF_ID}`, SENDER_RATE_LIMIT: '3' } });
  const { dingtalk } = running.lab;
  const { body } = dingtalk.buildCallback({ text: '' });
  const { robotCode } = JSON.parse(String(body)) as { robotCode: string }; // the lab's own shape
  const appId = running.env.DINGTALK_APP_KEY ?? robotCode;
  const store = openStore(running.env.DATABASE_URL ?? '');
  await store.knex('tenant_config').insert({ tenant_id: 'abroad' });
  await store.knex('tenant_channel').insert([
    { platform: 'dingtalk', app_id: appId, external_id: HOME, tenant_id: 'default' },
    { platform: 'dingtalk', app_id: appId, external_id: ABROAD, tenant_id: 'abroad' },
  ]);
  await store.close();
});
afterAll(() => running.stop());

test('an entry without an organisation is valid only in the tenant default', async () => {
  expect(await ask('/help', HOME)).toContain('/diagnose');
  expect(await ask('/status', HOME)).toContain('- ');
  expect(await ask('/help', ABROAD)).not.toContain('/diagnose');
  expect(await ask('/status', ABROAD)).not.toContain('- ');
  expect(await ask('/diagnose', ABROAD)).toMatch(/^Only the operators/);
});

test('a guest from another organisation is no operator', async () => {
  const guest = { senderCorpId: ABROAD, senderId: '$:LWCP_v1:$guest' };
  expect(await ask('/diagnose', HOME, guest)).toMatch(/^Only the operators/);
});

test('the messages of one person do not count for the rate limit of the other', async () => {
  await running.restart();
  const answers: string[] = [];
  while (answers.length < 4 && (answers.at(-1) ?? '/status').includes('/status'))
    answers.push(await ask('/help', HOME));
  expect(answers.at(-1)).not.toContain('/status');
  await running.restart({ SENDER_RATE_LIMIT: '4' });
  // The person has sent three messages in the first test. The fourth is below this limit unless others are counted too.
  expect(await ask('/help', ABROAD)).toContain('/status');
});

test('an entry with an organisation is valid only there', async () => {
  await running.restart({ OPERATORS: `dingtalk:${ABROAD}/${STAFF_ID}`, SENDER_RATE_LIMIT: '0' });
  expect(await ask('/help', ABROAD)).toContain('/diagnose');
  expect(await ask('/diagnose', HOME)).toMatch(/^Only the operators/);
});
