// One message all the way, on both platforms: real callbacks in, real API calls out.
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { openStore } from '../../bot/store/open-store.ts';
import { type BotAndLab, startBotAndLab } from '../support/bot-and-lab.ts';
import { PATIENCE_MS } from '../support/patience.ts';
import { waitUntil } from '../support/wait-until.ts';
import { startScriptedPlatform } from './platforms/scripted-platform.ts';

let running: BotAndLab;

async function start(options: Parameters<typeof startBotAndLab>[0] = {}): Promise<BotAndLab> {
  running = await startBotAndLab(options);
  return running;
}

afterEach(async () => {
  await running.stop();
});

/** A person on one platform: `says` sends and resolves with what the bot answered. */
function person(on: 'feishu' | 'dingtalk', chatId?: string) {
  return {
    async says(text: string): Promise<string> {
      const fake = running.lab[on];
      const { messageId, status } = await fake.sendText({ text, chatId });
      expect(status).toBe(200);
      return (await fake.waitForReply({ afterMessageId: messageId, timeoutMs: PATIENCE_MS })).text;
    },
  };
}

describe.each(['feishu', 'dingtalk'] as const)('on %s', (platform) => {
  test('a message gets its answer, one trace through log, tables and metrics', async () => {
    await start();
    await expect(person(platform).says('hello 世界 🎉')).resolves.toContain('您说的是：hello 世界 🎉');
    await waitUntil('the push is logged', async () => (await running.logLines('callback')).length >= 2);
    const [received, pushed] = await running.logLines('callback');
    expect(received).toMatchObject({
      'event.action': 'callback-received',
      'event.outcome': 'success',
      'event.reason': 'message',
      'http.response.status_code': 200,
      'chatbot.platform': platform,
    });
    expect(pushed).toMatchObject({
      'event.action': 'push-attempted',
      'event.outcome': 'success',
      'chatbot.platform': platform,
      'chatbot.attempt': 1,
      'chatbot.code': '0',
      'trace.id': received?.['trace.id'],
    });
    await expect(running.metric(`chatbot_callbacks_total{platform="${platform}",outcome="accepted"}`)).resolves.toBe(1);
    await expect(running.metric(`chatbot_pushes_total{platform="${platform}",outcome="sent"}`)).resolves.toBe(1);
  });

  test('a model that says nothing does not delay the acknowledgement', async () => {
    await start({ model: true });
    await running.lab.setFault('model-stall', true);
    const sent = await running.lab[platform].sendText({ text: 'think long' });
    expect(sent).toMatchObject({ status: 200, attempts: 1, error: null });
  });

  test('a message delivered twice, also at once, is answered once', async () => {
    await start();
    const { feishu, dingtalk } = running.lab;
    const callback =
      platform === 'feishu' ? feishu.buildCallback({ text: 'once' }) : dingtalk.buildCallback({ text: 'once' });
    const fake = running.lab[platform];
    const answers = await Promise.all([fake.post(callback), fake.post(callback), fake.post(callback)]);
    expect(answers.map((answer) => answer.status)).toEqual([200, 200, 200]);
    await fake.waitForReply({ chatId: callback.chatId, timeoutMs: PATIENCE_MS });
    expect((await fake.post(callback)).status).toBe(200);
    await running.restart();
    await waitUntil('the new process takes it', async () => (await fake.post(callback)).status === 200);
    await expect(person(platform, platform === 'feishu' ? 'oc_another' : 'cidAnother').says('next')).resolves.toContain(
      'You said: next',
    );
    expect(fake.sent.filter((message) => message.chatId === callback.chatId)).toHaveLength(1);
  });

  test('messages of one chat are answered in order', async () => {
    await start();
    const fake = running.lab[platform];
    fake.limitsRates = false;
    const chatId = (await fake.sendText({ text: 'first' })).chatId;
    for (const text of ['second', 'third', 'fourth']) await fake.sendText({ text, chatId });
    await waitUntil('four answers', () => fake.sent.length === 4);
    expect(fake.sent.map((message) => message.text.match(/You said: (\w+)/)?.[1])).toEqual([
      'first',
      'second',
      'third',
      'fourth',
    ]);
  });

  test('commands: help, status, reset', async () => {
    await start({ model: true });
    running.lab[platform].limitsRates = false;
    const user = person(platform, platform === 'feishu' ? 'oc_commands' : 'cidCommands');
    await expect(user.says('/help')).resolves.toContain('/status');
    await expect(user.says('/status')).resolves.toMatch(/ready, running since .*model lab-model/);
    const first = await user.says('one');
    const second = await user.says('two');
    expect(second).not.toBe(first.replace('one', 'two'));
    await expect(user.says('/reset')).resolves.toContain('Conversation reset');
    await expect(user.says('two')).resolves.toBe(first.replace('one', 'two'));
    await expect(user.says('/诊断')).resolves.toContain('管理员');
  });

  test('the platform being away delays the answer and loses nothing', async () => {
    await start();
    const fake = running.lab[platform];
    await running.lab.setFault(`${platform}-down`, true);
    const { messageId } = await fake.sendText({ text: 'patience' });
    await waitUntil('one failed attempt', async () =>
      (await running.logLines('callback')).some((line) => line['event.action'] === 'push-attempted'),
    );
    await running.lab.setFault(`${platform}-down`, false);
    const reply = await fake.waitForReply({ afterMessageId: messageId, timeoutMs: PATIENCE_MS });
    expect(reply.text).toContain('patience');
    const attempts = (await running.logLines('callback')).filter((line) => line['event.action'] === 'push-attempted');
    expect(attempts[0]).toMatchObject({ 'event.reason': 'network', 'error.code': 'ECONNREFUSED' });
  });
});

describe('sessions and limits', () => {
  let now = Date.now();
  beforeEach(() => {
    now = Date.now();
  });
  const clock = () => now;

  test('the context goes to the model until the session times out', async () => {
    await start({ model: true, clock, env: { SESSION_TIMEOUT_SECONDS: '60' } });
    const user = person('feishu', 'oc_session');
    const fresh = await user.says('alpha');
    await expect(user.says('alpha')).resolves.not.toBe(fresh);
    now += 61_000;
    await expect(user.says('alpha')).resolves.toBe(fresh);
  });

  test('CONTEXT_MAX_LENGTH bounds what the model is given', async () => {
    await start({ model: true, env: { CONTEXT_MAX_LENGTH: '2' } });
    const user = person('feishu', 'oc_context');
    await user.says('a');
    const second = await user.says('b');
    await expect(user.says('b')).resolves.toBe(second);
  });

  test('SESSIONS_MAX refuses new conversations with words, and lets the running ones go on', async () => {
    await start({ env: { SESSIONS_MAX: '1' } });
    const first = person('feishu', 'oc_one');
    await first.says('hi');
    // One more than the limit is let in, so that the measure can exceed it.
    await person('feishu', 'oc_more').says('hi');
    await expect(person('dingtalk', 'cidTwo').says('hi')).resolves.toContain('Too many conversations');
    await expect(first.says('again')).resolves.toContain('You said: again');
    await expect(running.metric('chatbot_rate_limited_total{scope="sessions"}')).resolves.toBe(1);
    await expect(running.metric('chatbot_sessions_active')).resolves.toBe(2);
  });
});

describe('the model', () => {
  test('being away is told to the user, counted, and does not stop the next message', async () => {
    await start({ model: true });
    await running.lab.setFault('model-down', true);
    await expect(person('feishu').says('hi')).resolves.toContain('could not get an answer');
    await expect(running.metric('chatbot_inference_errors_total{model="lab-model",class="network"}')).resolves.toBe(2);
    await running.lab.setFault('model-down', false);
    await expect(person('feishu').says('hi')).resolves.toContain('hi');
  });

  test('a stop in the middle of an answer leaves the message for the next process', async () => {
    await start({ model: true, modelDelayMs: 3_000, env: { SHUTDOWN_TIMEOUT_MS: '500', THINKING_AFTER_MS: '0' } });
    const { messageId } = await running.lab.feishu.sendText({ text: 'unfinished' });
    await waitUntil('the message is being worked on', async () => (await running.metric('chatbot_inbox_depth')) === 1);
    await running.restart();
    const reply = await running.lab.feishu.waitForReply({ afterMessageId: messageId, timeoutMs: PATIENCE_MS });
    expect(reply.text).toContain('unfinished');
    expect(running.lab.feishu.sent).toHaveLength(1);
  });

  test('a message that a stop gave back is not counted by the limits again', async () => {
    const env = { SHUTDOWN_TIMEOUT_MS: '500', THINKING_AFTER_MS: '0', SENDER_RATE_LIMIT: '1' };
    await start({ model: true, modelDelayMs: 3_000, env });
    const { messageId } = await running.lab.feishu.sendText({ text: 'unfinished' });
    await waitUntil('the model is asked', async () => (await running.metric('chatbot_sessions_active')) === 1);
    await running.restart();
    const reply = await running.lab.feishu.waitForReply({ afterMessageId: messageId, timeoutMs: PATIENCE_MS });
    expect(reply.text).toContain('unfinished');
  });

  test('a slow answer is shown early, and takes the place of what was shown, also after a restart', async () => {
    await start({ model: true, modelDelayMs: 1_500, env: { SHUTDOWN_TIMEOUT_MS: '500', THINKING_AFTER_MS: '200' } });
    await running.lab.feishu.sendText({ text: 'slow' });
    await waitUntil('it thinks', async () => running.lab.feishu.sent[0]?.text === 'Thinking…');
    await running.restart();
    await waitUntil('the answer is there', async () => running.lab.feishu.sent[0]?.text.includes('slow'));
    expect(running.lab.feishu.sent).toHaveLength(1);
  });

  test('a slow answer that could not be written is given again in the message that showed it', async () => {
    await start({ model: true, modelDelayMs: 1_500, env: { THINKING_AFTER_MS: '200' } });
    const { feishu, model } = running.lab;
    const store = openStore(running.env.DATABASE_URL ?? '');
    const refused = ['update of progress_id on inbox', 'insert on outbox'];
    for (const event of refused) {
      await store.knex.raw(`create trigger "${event}" before ${event} begin select raise(abort, 'no'); end`);
    }
    await feishu.sendText({ text: 'slow' });
    const failures = async () => (await running.logLines()).filter((line) => line['event.action'] === 'message-failed');
    await waitUntil('the answer could not be written', async () => (await failures()).length > 0);
    for (const event of refused) await store.knex.raw(`drop trigger "${event}"`);
    await store.close();
    model.delayMs = 0;
    await waitUntil('it is answered again', async () => (await running.metric('chatbot_inbox_depth')) === 0);
    await waitUntil('all is sent', async () => (await running.metric('chatbot_outbox_depth{state="pending"}')) === 0);
    expect(feishu.sent).toMatchObject([{ text: expect.stringContaining('slow') }]);
  });
});

describe('what happens in a group', () => {
  const isThere = async (row: { state: string; attempts?: number }) => {
    const store = openStore(running.env.DATABASE_URL ?? '');
    const found = await store.knex('outbox').where(row).pluck('id');
    await store.close();
    return found.length > 0;
  };

  test('the bot greets it once; what waits for a group it was removed from is given up', async () => {
    await start();
    const { feishu } = running.lab;
    const added = await feishu.sendChatEvent('bot_added', { chatId: 'oc_group', eventId: 'added-1' });
    await feishu.sendChatEvent('bot_added', { chatId: 'oc_group', eventId: 'added-1' });
    expect(added.status).toBe(200);
    await waitUntil('the greeting', async () => feishu.sent.some(({ text }) => text.includes('/help')));
    await running.lab.setFault('feishu-500', true);
    await feishu.sendText({ text: 'too late', chatId: 'oc_group', chatType: 'group' });
    // The fourth attempt follows 15 s later: none is under way when the bot is removed.
    await waitUntil('three refused attempts', () => isThere({ state: 'pending', attempts: 3 }));
    await feishu.sendChatEvent('bot_removed', { chatId: 'oc_group' });
    await waitUntil('the answer is given up', () => isThere({ state: 'dropped' }));
    expect(feishu.sent).toHaveLength(1);
  });

  test('talk that does not mention the bot is none of its business', async () => {
    await start();
    const { feishu } = running.lab;
    await feishu.sendText({ text: 'lunch?', chatId: 'oc_talk', chatType: 'group', mentionsBot: false });
    await feishu.sendText({ text: 'and you?', chatId: 'oc_talk', chatType: 'group', mentionsBot: true });
    await waitUntil('the one answer', async () => feishu.sent.length > 0);
    await feishu.sendText({ text: 'dinner?', chatId: 'oc_talk', chatType: 'group', mentionsBot: false });
    const ignored = () => running.metric('chatbot_callbacks_total{platform="feishu",outcome="ignored"}');
    await waitUntil('both talks are not even stored', async () => (await ignored()) === 2);
    expect(feishu.sent.map(({ text }) => text)).toEqual([expect.stringContaining('and you?')]);
  });
});

test('nobody is asked anything before there is something to say', async () => {
  const platforms = await startScriptedPlatform(() => ({ status: 500, body: {} }));
  const { url, requests } = platforms;
  await start({ env: { FEISHU_BASE_URL: url, DINGTALK_API_BASE_URL: url, DINGTALK_OAPI_BASE_URL: url } });
  for (const path of ['/readyz', '/status', '/metrics', '/readyz', '/status', '/metrics']) {
    expect((await fetch(running.adminUrl + path)).status).toBe(200);
  }
  expect(requests).toEqual([]);
  await running.lab.feishu.sendText({ text: 'hello' });
  await waitUntil('the token is asked for', async () => requests[0]?.path.includes('tenant_access_token'));
  await platforms.stop();
});

/** A clock on which a busy machine needs no minute for a few messages. */
function slowClock(): () => number {
  const began = Date.now();
  return () => began + (Date.now() - began) / 100;
}

test('a tenant over its messages a minute is told so', async () => {
  await start({ clock: slowClock() });
  const store = openStore(running.env.DATABASE_URL ?? '');
  await store.knex('tenant_config').update({ rate_limit: 2 });
  await store.close();
  const user = person('feishu', 'oc_rate');
  await user.says('1');
  await user.says('2');
  await expect(user.says('3')).resolves.toContain('Too many messages');
  await expect(running.metric('chatbot_rate_limited_total{scope="tenant"}')).resolves.toBe(1);
});

test('a person over their messages a minute is told so once, and others are answered', async () => {
  await start({ env: { SENDER_RATE_LIMIT: '2' }, clock: slowClock() });
  running.lab.feishu.limitsRates = false;
  const user = person('feishu', 'oc_rate');
  await user.says('1');
  await user.says('2');
  await expect(user.says('三')).resolves.toContain('消息过多');
  for (const text of ['4', '5']) await running.lab.feishu.sendText({ text, chatId: 'oc_rate' });
  await expect(person('dingtalk').says('hi')).resolves.toContain('You said: hi');
  await waitUntil(
    'all are counted',
    async () => (await running.metric('chatbot_rate_limited_total{scope="sender"}')) === 3,
  );
  expect(running.lab.feishu.sent).toHaveLength(3);
});

test('a revoked secret delays the answer until it is mended, and loses nothing', async () => {
  await start();
  await running.lab.setFault('feishu-secret-revoked', true);
  const { messageId } = await running.lab.feishu.sendText({ text: 'wait for me' });
  await waitUntil('one refused attempt', async () =>
    (await running.logLines('callback')).some((line) => line['event.reason'] === 'credentials'),
  );
  await running.lab.setFault('feishu-secret-revoked', false);
  const reply = await running.lab.feishu.waitForReply({ afterMessageId: messageId, timeoutMs: PATIENCE_MS });
  expect(reply.text).toContain('wait for me');
});

test('DingTalk: a session webhook that ended is replaced by the API', async () => {
  await start();
  await running.lab.setFault('dingtalk-session-expired', true);
  const { messageId } = await running.lab.dingtalk.sendText({ text: 'late' });
  const reply = await running.lab.dingtalk.waitForReply({ afterMessageId: messageId, timeoutMs: PATIENCE_MS });
  expect(reply.via).toBe('oto');
});

test('a long answer arrives whole, in parts and in order', async () => {
  await start({ env: { MODEL_CONTEXT_TOKENS: '1000000' } });
  const text = Array.from({ length: 4_000 }, (_, line) => `line ${line} 字`).join('\n');
  await running.lab.dingtalk.sendText({ text });
  const whole = await waitUntil('all parts', () => {
    // A part ends at a line's end, which the next part begins anew.
    const parts = running.lab.dingtalk.sent.map((message) => message.text).join('\n');
    return parts.includes('/帮助') && parts;
  });
  expect(whole).toContain(text);
  expect(running.lab.dingtalk.sent.length).toBeGreaterThan(3);
});
