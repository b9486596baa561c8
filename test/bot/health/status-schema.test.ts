// The schema of `/status` has every member that a running bot reports.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { statusSchema } from '../../../bot/health/status-schema.ts';
import { type BotAndLab, startBotAndLab } from '../../support/bot-and-lab.ts';
import { waitUntil } from '../../support/wait-until.ts';

let running: BotAndLab;
beforeAll(async () => {
  running = await startBotAndLab({ env: { FEISHU_INPUT: 'websocket' } });
});
afterAll(() => running.stop());

test('describes the report of a running bot completely', async () => {
  await running.lab.dingtalk.sendText({ text: 'hello' });
  const read = async () => statusSchema.parse(await (await fetch(`${running.adminUrl}/status`)).json());
  await waitUntil('the push', async () => (await read()).platforms.dingtalk?.lastPush !== null);
  const report = await (await fetch(`${running.adminUrl}/status`)).json();
  // Parsing removes members without a schema.
  expect(statusSchema.parse(report)).toStrictEqual(report);
  const { connections, organisations, queues } = await read();
  expect([connections.length, organisations.bound?.length, queues?.inbox.depth]).toEqual([1, 1, 0]);
});
