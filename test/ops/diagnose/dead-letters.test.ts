// Tests dead letters: the diagnosis names the code, the fix and the commands, and is healthy after they ran.
import { afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { openStore } from '../../../bot/store/open-store.ts';
import { runOps } from '../../support/built-ops.ts';
import { PATIENCE_MS } from '../../support/patience.ts';
import { waitUntil } from '../../support/wait-until.ts';
import { build, diagnoseByCommand, startWorld, type World } from './world.ts';

let world: World;

beforeAll(build);
beforeEach(async () => {
  world = await startWorld();
});
afterEach(() => world.stop());

const ops = async (...argv: string[]) => (await runOps(argv, world)).stdout;

async function outcome(): Promise<{ outcome: string; queue: string; unexplained: string[] }> {
  const { report } = await diagnoseByCommand(world.dir);
  const queue = report.checks.find(({ id }) => id === 'queue.outbox');
  const unexplained = report.unexplained.map(({ id }) => id);
  return { outcome: report.outcome, queue: `${queue?.status}: ${queue?.summary}`, unexplained };
}

async function outboxStates(): Promise<string[]> {
  const store = openStore(world.env.DATABASE_URL ?? '');
  try {
    return await store.knex('outbox').pluck('state');
  } finally {
    await store.close();
  }
}

test('is healthy after the dead letter of a deleted chat is dropped', async () => {
  // In the lab, a reply to a message would still succeed, so send to the chat.
  await world.restart({ FEISHU_REPLY_MODE: 'chat' });
  const { lab } = world;
  await lab.setFault('model-slow', true);
  let asked = 0;
  await waitUntil('a dead letter', async () => {
    const { chatId } = await lab.feishu.sendText({ text: 'hello', chatType: 'group' });
    await lab.feishu.sendChatEvent('bot_removed', { chatId });
    asked += 1;
    // On a busy machine the answer may be sent, or still wait, when the chat is deleted.
    const waits = (state: string) => state === 'pending' || state === 'sending';
    const ended = async () => (await outboxStates()).filter((state) => !waits(state)).length;
    await waitUntil('the end of the answer', async () => (await ended()) === asked);
    return (await outboxStates()).includes('dead');
  });
  await lab.setFault('model-slow', false);
  expect(await outcome()).toEqual({
    outcome: 'degraded',
    queue: expect.stringMatching(
      /^warn: 0 wait for delivery, 1 given up .*Feishu 230002 ×1: .*add.* Show: \.\/chatbot outbox list\..* outbox retry --all.* outbox drop --all/i,
    ),
    unexplained: [],
  });
  expect(await ops('outbox', 'list')).toContain('230002');
  expect(await ops('outbox', 'drop', '--all')).toContain('1 part');
  expect(await outcome()).toMatchObject({ outcome: 'healthy', unexplained: [] });
});

test('is healthy after the platform is fixed and the dead letter is sent again', async () => {
  const { lab } = world;
  await lab.setFault('dingtalk-session-expired', true);
  await lab.setFault('dingtalk-200-with-error', true);
  const { messageId } = await lab.dingtalk.sendText({ text: 'hello' });
  await waitUntil('a failed push', async () => (await world.logLines('callback')).length >= 2);
  // Ends the retry schedule, which takes minutes.
  const store = openStore(world.env.DATABASE_URL ?? '');
  await store.knex('outbox').update({ state: 'dead', finished_at: Date.now() });
  await store.close();
  expect(await outcome()).toEqual({
    outcome: 'undetermined',
    queue: expect.stringMatching(/^warn: .*1 given up .*DingTalk -1 ×1: /),
    unexplained: ['ev.pushes:dingtalk:send:-1'],
  });
  await lab.setFault('dingtalk-session-expired', false);
  await lab.setFault('dingtalk-200-with-error', false);
  await ops('outbox', 'retry', '--all');
  await lab.dingtalk.waitForReply({ afterMessageId: messageId, timeoutMs: PATIENCE_MS });
  expect(await outcome()).toMatchObject({ outcome: 'healthy', unexplained: [] });
});
