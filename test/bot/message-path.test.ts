// The complete path of a message on both platforms: real callbacks in, real API calls out.
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

/** Returns a person on one platform. `ask` sends a text and resolves with the bot's answer. */
function person(on: 'feishu' | 'dingtalk', chatId?: string) {
  return {
    async ask(text: string): Promise<string> {
      const fake = running.lab[on];
      const { messageId, status } = await fake.sendText({ text, chatId });
      expect(status).toBe(200);
      return (await fake.waitForReply({ afterMessageId: messageId, timeoutMs: PATIENCE_MS })).text;
    },
  };
}

describe.each(['feishu', 'dingtalk'] as const)('on %s', (platform) => {
  test('answers a message, with one trace through log, tables and metrics', async () => {
    await start();
    await expect(person(platform).ask('hello 世界 🎉')).resolves.toContain('您说的是：hello 世界 🎉');
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

  test('acknowledges immediately although the model does not answer', async () => {
    await start({ model: true });
    await running.lab.setFault('model-stall', true);
    const sent = await running.lab[platform].sendText({ text: 'think long' });
    expect(sent).toMatchObject({ status: 200, attempts: 1, error: null });
  });

  test('answers a message once although it is delivered several times, also at once', async () => {
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
    await waitUntil('the new process accepts it', async () => (await fake.post(callback)).status === 200);
    await expect(person(platform, platform === 'feishu' ? 'oc_another' : 'cidAnother').ask('next')).resolves.toContain(
      'You said: next',
    );
    expect(fake.sent.filter((message) => message.chatId === callback.chatId)).toHaveLength(1);
  });

  test('answers the messages of one chat in order', async () => {
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

  test('answers the commands help, status and reset', async () => {
    await start({ model: true });
    running.lab[platform].limitsRates = false;
    const user = person(platform, platform === 'feishu' ? 'oc_commands' : 'cidCommands');
    await expect(user.ask('/help')).resolves.toContain('/status');
    await expect(user.ask('/status')).resolves.toMatch(/ready, running since .*model lab-model/);
    const first = await user.ask('one');
    const second = await user.ask('two');
    expect(second).not.toBe(first.replace('one', 'two'));
    await expect(user.ask('/reset')).resolves.toContain('Conversation reset');
    await expect(user.ask('two')).resolves.toBe(first.replace('one', 'two'));
    await expect(user.ask('/诊断')).resolves.toContain('管理员');
  });

  test('delays the answer while the platform is unavailable, and loses nothing', async () => {
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

  test('sends the context to the model until the session expires', async () => {
    await start({ model: true, clock, env: { SESSION_TIMEOUT_SECONDS: '60' } });
    const user = person('feishu', 'oc_session');
    const fresh = await user.ask('alpha');
    await expect(user.ask('alpha')).resolves.not.toBe(fresh);
    now += 61_000;
    await expect(user.ask('alpha')).resolves.toBe(fresh);
  });

  test('CONTEXT_MAX_LENGTH limits the context for the model', async () => {
    await start({ model: true, env: { CONTEXT_MAX_LENGTH: '2' } });
    const user = person('feishu', 'oc_context');
    await user.ask('a');
    const second = await user.ask('b');
    await expect(user.ask('b')).resolves.toBe(second);
  });

  test('SESSIONS_MAX rejects new conversations with a message, and continues the active ones', async () => {
    await start({ env: { SESSIONS_MAX: '1' } });
    const first = person('feishu', 'oc_one');
    await first.ask('hi');
    // One conversation above the limit is accepted, so that the metric can exceed the limit.
    await person('feishu', 'oc_more').ask('hi');
    await expect(person('dingtalk', 'cidTwo').ask('hi')).resolves.toContain('Too many conversations');
    await expect(first.ask('again')).resolves.toContain('You said: again');
    await expect(running.metric('chatbot_rate_limited_total{scope="sessions"}')).resolves.toBe(1);
    await expect(running.metric('chatbot_sessions_active')).resolves.toBe(2);
  });
});

describe('the model', () => {
  test('reports its failure to the user, counts it, and answers the next message', async () => {
    await start({ model: true });
    await running.lab.setFault('model-down', true);
    await expect(person('feishu').ask('hi')).resolves.toContain('could not get an answer');
    await expect(running.metric('chatbot_inference_errors_total{model="lab-model",class="network"}')).resolves.toBe(2);
    await running.lab.setFault('model-down', false);
    await expect(person('feishu').ask('hi')).resolves.toContain('hi');
  });

  test('has the trace of the message in the log for each call, also for calls that an open circuit prevents', async () => {
    await start({ model: true });
    await expect(person('feishu').ask('hi')).resolves.toContain('hi');
    await running.lab.setFault('model-down', true);
    const calls = async () => (await running.logLines()).filter((line) => line['event.action'] === 'model-completed');
    const isPrevented = (line: Record<string, unknown>) => String(line.message).includes('circuit is open');
    for (let asked = 0; !(await calls()).some(isPrevented) && asked < 20; asked += 1) await person('feishu').ask('hi');
    const received = (await running.logLines('callback')).filter((line) => line['event.reason'] === 'message');
    const traces = received.map((line) => line['trace.id']);
    const traced = async () => [...new Set((await calls()).map((line) => line['trace.id']))];
    await waitUntil('the last call is logged', async () => (await traced()).length >= traces.length);
    expect((await traced()).sort()).toEqual(traces.sort());
    expect((await calls()).some(isPrevented)).toBe(true);
  });

  test('leaves a message for the next process if a stop interrupts the answer', async () => {
    await start({ model: true, modelDelayMs: 3_000, env: { SHUTDOWN_TIMEOUT_MS: '500', THINKING_AFTER_MS: '0' } });
    const { messageId } = await running.lab.feishu.sendText({ text: 'unfinished' });
    await waitUntil('the message is being worked on', async () => (await running.metric('chatbot_inbox_depth')) === 1);
    await running.restart();
    const reply = await running.lab.feishu.waitForReply({ afterMessageId: messageId, timeoutMs: PATIENCE_MS });
    expect(reply.text).toContain('unfinished');
    expect(running.lab.feishu.sent).toHaveLength(1);
  });

  test('is asked again for a message that a stop released, without counting it for the limits again', async () => {
    const env = { SHUTDOWN_TIMEOUT_MS: '500', THINKING_AFTER_MS: '0', SENDER_RATE_LIMIT: '1' };
    await start({ model: true, modelDelayMs: 3_000, env });
    const { messageId } = await running.lab.feishu.sendText({ text: 'unfinished' });
    await waitUntil('the model is asked', async () => (await running.metric('chatbot_sessions_active')) === 1);
    await running.restart();
    const reply = await running.lab.feishu.waitForReply({ afterMessageId: messageId, timeoutMs: PATIENCE_MS });
    expect(reply.text).toContain('unfinished');
  });

  test('shows a progress message and replaces it by the slow answer, also after a restart', async () => {
    await start({ model: true, modelDelayMs: 1_500, env: { SHUTDOWN_TIMEOUT_MS: '500', THINKING_AFTER_MS: '200' } });
    await running.lab.feishu.sendText({ text: 'slow' });
    await waitUntil('the progress message is shown', async () => running.lab.feishu.sent[0]?.text === 'Thinking…');
    await running.restart();
    await waitUntil('the answer replaced it', async () => running.lab.feishu.sent[0]?.text.includes('slow'));
    expect(running.lab.feishu.sent).toHaveLength(1);
  });

  test('shows a repeated answer in the same message if the first one could not be stored', async () => {
    await start({ model: true, modelDelayMs: 1_500, env: { THINKING_AFTER_MS: '200' } });
    const { feishu, model } = running.lab;
    const store = openStore(running.env.DATABASE_URL ?? '');
    const blockedWrites = ['update of progress_id on inbox', 'insert on outbox'];
    for (const event of blockedWrites) {
      await store.knex.raw(`create trigger "${event}" before ${event} begin select raise(abort, 'no'); end`);
    }
    await feishu.sendText({ text: 'slow' });
    const failures = async () => (await running.logLines()).filter((line) => line['event.action'] === 'message-failed');
    await waitUntil('the answer could not be stored', async () => (await failures()).length > 0);
    for (const event of blockedWrites) await store.knex.raw(`drop trigger "${event}"`);
    await store.close();
    model.delayMs = 0;
    await waitUntil('it is answered again', async () => (await running.metric('chatbot_inbox_depth')) === 0);
    await waitUntil('all is sent', async () => (await running.metric('chatbot_outbox_depth{state="pending"}')) === 0);
    expect(feishu.sent).toMatchObject([{ text: expect.stringContaining('slow') }]);
  });
});

describe('in a group', () => {
  const hasOutboxRow = async (row: { state: string; attempts?: number }) => {
    const store = openStore(running.env.DATABASE_URL ?? '');
    const found = await store.knex('outbox').where(row).pluck('id');
    await store.close();
    return found.length > 0;
  };

  test('greets once, and drops the answers to a group that removed the bot', async () => {
    await start();
    const { feishu } = running.lab;
    const added = await feishu.sendChatEvent('bot_added', { chatId: 'oc_group', eventId: 'added-1' });
    await feishu.sendChatEvent('bot_added', { chatId: 'oc_group', eventId: 'added-1' });
    expect(added.status).toBe(200);
    await waitUntil('the greeting', async () => feishu.sent.some(({ text }) => text.includes('/help')));
    await running.lab.setFault('feishu-500', true);
    await feishu.sendText({ text: 'too late', chatId: 'oc_group', chatType: 'group' });
    // The fourth attempt follows 15 s later, so no attempt is in progress when the bot is removed.
    await waitUntil('three failed attempts', () => hasOutboxRow({ state: 'pending', attempts: 3 }));
    await feishu.sendChatEvent('bot_removed', { chatId: 'oc_group' });
    await waitUntil('the answer is dropped', () => hasOutboxRow({ state: 'dropped' }));
    expect(feishu.sent).toHaveLength(1);
  });

  test('ignores messages that do not mention the bot', async () => {
    await start();
    const { feishu } = running.lab;
    await feishu.sendText({ text: 'lunch?', chatId: 'oc_talk', chatType: 'group', mentionsBot: false });
    await feishu.sendText({ text: 'and you?', chatId: 'oc_talk', chatType: 'group', mentionsBot: true });
    await waitUntil('the one answer', async () => feishu.sent.length > 0);
    await feishu.sendText({ text: 'dinner?', chatId: 'oc_talk', chatType: 'group', mentionsBot: false });
    const ignored = () => running.metric('chatbot_callbacks_total{platform="feishu",outcome="ignored"}');
    await waitUntil('both other messages are ignored', async () => (await ignored()) === 2);
    expect(feishu.sent.map(({ text }) => text)).toEqual([expect.stringContaining('and you?')]);
  });
});

test('sends no platform request before there is a reply', async () => {
  const platforms = await startScriptedPlatform(() => ({ status: 500, body: {} }));
  const { url, requests } = platforms;
  await start({ env: { FEISHU_BASE_URL: url, DINGTALK_API_BASE_URL: url, DINGTALK_OAPI_BASE_URL: url } });
  for (const path of ['/readyz', '/status', '/metrics', '/readyz', '/status', '/metrics']) {
    expect((await fetch(running.adminUrl + path)).status).toBe(200);
  }
  expect(requests).toEqual([]);
  await running.lab.feishu.sendText({ text: 'hello' });
  await waitUntil('the token is requested', async () => requests[0]?.path.includes('tenant_access_token'));
  await platforms.stop();
});

/** Returns a clock at a hundredth of the speed, so that a few messages fit into its minute on a busy machine. */
function slowClock(): () => number {
  const began = Date.now();
  return () => began + (Date.now() - began) / 100;
}

test('reports the rate limit to a tenant above it', async () => {
  await start({ clock: slowClock() });
  const store = openStore(running.env.DATABASE_URL ?? '');
  await store.knex('tenant_config').update({ rate_limit: 2 });
  await store.close();
  const user = person('feishu', 'oc_rate');
  await user.ask('1');
  await user.ask('2');
  await expect(user.ask('3')).resolves.toContain('Too many messages');
  await expect(running.metric('chatbot_rate_limited_total{scope="tenant"}')).resolves.toBe(1);
});

test('reports the rate limit once to a person above it, and answers others', async () => {
  await start({ env: { SENDER_RATE_LIMIT: '2' }, clock: slowClock() });
  running.lab.feishu.limitsRates = false;
  const user = person('feishu', 'oc_rate');
  await user.ask('1');
  await user.ask('2');
  await expect(user.ask('三')).resolves.toContain('消息过多');
  for (const text of ['4', '5']) await running.lab.feishu.sendText({ text, chatId: 'oc_rate' });
  await expect(person('dingtalk').ask('hi')).resolves.toContain('You said: hi');
  await waitUntil(
    'all are counted',
    async () => (await running.metric('chatbot_rate_limited_total{scope="sender"}')) === 3,
  );
  expect(running.lab.feishu.sent).toHaveLength(3);
});

test('delays the answer while the app secret is revoked, and loses nothing', async () => {
  await start();
  await running.lab.setFault('feishu-secret-revoked', true);
  const { messageId } = await running.lab.feishu.sendText({ text: 'wait for me' });
  await waitUntil('one rejected attempt', async () =>
    (await running.logLines('callback')).some((line) => line['event.reason'] === 'credentials'),
  );
  await running.lab.setFault('feishu-secret-revoked', false);
  const reply = await running.lab.feishu.waitForReply({ afterMessageId: messageId, timeoutMs: PATIENCE_MS });
  expect(reply.text).toContain('wait for me');
});

test('uses the API if the session webhook of DingTalk has expired', async () => {
  await start();
  await running.lab.setFault('dingtalk-session-expired', true);
  const { messageId } = await running.lab.dingtalk.sendText({ text: 'late' });
  const reply = await running.lab.dingtalk.waitForReply({ afterMessageId: messageId, timeoutMs: PATIENCE_MS });
  expect(reply.via).toBe('oto');
});

test('sends a long answer completely, in parts and in order', async () => {
  await start({ env: { MODEL_CONTEXT_TOKENS: '1000000' } });
  const text = Array.from({ length: 4_000 }, (_, line) => `line ${line} 字`).join('\n');
  await running.lab.dingtalk.sendText({ text });
  const received = await waitUntil('all parts', () => {
    // A part ends at the end of a line, without the line break.
    const parts = running.lab.dingtalk.sent.map((message) => message.text).join('\n');
    return parts.includes('/帮助') && parts;
  });
  expect(received).toContain(text);
  expect(running.lab.dingtalk.sent.length).toBeGreaterThan(3);
});
