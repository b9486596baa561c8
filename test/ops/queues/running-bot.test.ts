// Runs the commands beside a running bot on the same SQLite file: retries a dead part, deletes a person's data.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { openStore } from '../../../bot/store/open-store.ts';
import { type BotAndLab, startBotAndLab } from '../../support/bot-and-lab.ts';
import { buildOps, runOps } from '../../support/built-ops.ts';
import { PATIENCE_MS } from '../../support/patience.ts';
import { waitUntil } from '../../support/wait-until.ts';

let running: BotAndLab;

beforeAll(async () => {
  await buildOps();
  running = await startBotAndLab();
});
afterAll(() => running.stop());

const ops = (...argv: string[]) => runOps(argv, running);

/** Runs a query on the file of the running bot. */
async function runQuery<T>(query: (knex: ReturnType<typeof openStore>['knex']) => PromiseLike<T>): Promise<T> {
  const store = openStore(running.env.DATABASE_URL ?? '');
  try {
    return await query(store.knex);
  } finally {
    await store.close();
  }
}

test('a dead part is sent after a retry', async () => {
  const { lab } = running;
  await lab.setFault('dingtalk-session-expired', true);
  await lab.setFault('dingtalk-200-with-error', true);
  const { messageId } = await lab.dingtalk.sendText({ text: 'hello' });
  await waitUntil('a push has failed', async () => (await running.logLines('callback')).length >= 2);
  // Marks the part as dead at once, because the retry schedule takes minutes.
  await runQuery((knex) => knex('outbox').update({ state: 'dead', finished_at: Date.now() }));
  const listed = JSON.parse((await ops('outbox', 'list', '--json')).stdout) as { id: number; chatHash: string }[];
  const pushed = (await running.logLines('callback')).find((line) => line['event.action'] === 'push-attempted');
  expect(listed).toEqual([expect.objectContaining({ chatHash: pushed?.['chatbot.chat_hash'] })]);
  await lab.setFault('dingtalk-session-expired', false);
  await lab.setFault('dingtalk-200-with-error', false);
  expect((await ops('outbox', 'retry', String(listed[0]?.id))).stdout).toBe('1 part will be retried.\n');
  const reply = await lab.dingtalk.waitForReply({ afterMessageId: messageId, timeoutMs: PATIENCE_MS });
  expect(reply.text).toContain('You said: hello');
});

test('a person starts a new conversation after the deletion of their data', async () => {
  const { feishu } = running.lab;
  const { messageId } = await feishu.sendText({ text: 'remember me' });
  await feishu.waitForReply({ afterMessageId: messageId, timeoutMs: PATIENCE_MS });
  const [user] = await runQuery((knex) => knex('conversation_log').where('platform', 'feishu').pluck('user_id'));
  const { stdout } = await ops('data', 'export', '--user', `feishu:${user}`);
  const tables = stdout
    .trim()
    .split('\n')
    .map((line) => (JSON.parse(line) as { table: string }).table);
  expect(tables).toEqual(['conversation_log', 'conversation_log', 'session', 'inbox', 'outbox']);
  expect((await ops('data', 'delete', '--user', `feishu:${user}`, '--yes')).exitCode).toBe(0);
  expect((await ops('data', 'export', '--user', `feishu:${user}`)).stdout).toBe('');
  const again = await feishu.sendText({ text: 'still there?' });
  expect((await feishu.waitForReply({ afterMessageId: again.messageId, timeoutMs: PATIENCE_MS })).text).toContain(
    'still there?',
  );
});
