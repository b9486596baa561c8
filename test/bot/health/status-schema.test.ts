// The schema of `/status` has every member that a running bot reports and that ARCHITECTURE.md shows.
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { statusSchema } from '../../../bot/health/status-schema.ts';
import { type BotAndLab, startBotAndLab } from '../../support/bot-and-lab.ts';
import { waitUntil } from '../../support/wait-until.ts';

let running: BotAndLab;
beforeAll(async () => {
  running = await startBotAndLab({ env: { FEISHU_INPUT: 'websocket' } });
});
afterAll(() => running.stop());

/** Parsing removes members without a schema. */
const expectComplete = (report: unknown) => expect(statusSchema.parse(report)).toStrictEqual(report);

test('describes the report of a running bot completely', async () => {
  await running.lab.dingtalk.sendText({ text: 'hello' });
  const read = async () => statusSchema.parse(await (await fetch(`${running.adminUrl}/status`)).json());
  await waitUntil('the push', async () => (await read()).platforms.dingtalk?.lastPush !== null);
  const report = await (await fetch(`${running.adminUrl}/status`)).json();
  expectComplete(report);
  const { connections, organisations, queues } = await read();
  expect([connections.length, organisations.bound?.length, queues?.inbox.depth]).toEqual([1, 1, 0]);
});

test('describes the example in ARCHITECTURE.md completely', async () => {
  const [, example = ''] =
    /### `GET \/status`.*?```json\n(.*?)```/s.exec(await readFile('ARCHITECTURE.md', 'utf8')) ?? [];
  expectComplete(JSON.parse(example));
});
