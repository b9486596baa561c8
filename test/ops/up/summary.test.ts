// Shows the inputs of `up` and `status`: callback addresses, and long connections that are open or failed.
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { loadSettings } from '../../../bot/config/load-settings.ts';
import { readBotReport } from '../../../ops/status/bot-report.ts';
import { describeAddresses } from '../../../ops/up/summary.ts';
import { type BotAndLab, startBotAndLab } from '../../support/bot-and-lab.ts';
import { freePort } from '../../support/free-port.ts';

let running: BotAndLab;

beforeEach(async () => {
  running = await startBotAndLab({ env: { ADMIN_PORT: String(await freePort()) } });
});
afterEach(() => running.stop());

const readSummary = () =>
  describeAddresses({ settings: loadSettings({ env: running.env, dir: running.dir }), withLab: false });

test('shows the addresses of callbacks', async () => {
  const text = await readSummary();
  expect(text).toContain(`Feishu callback    ${running.url}/feishu/verify`);
  expect(text).toContain(`DingTalk callback  ${running.url}/dingtalk/callback`);
  expect(text).not.toContain('connection');
});

test('shows whether a long connection is open, with the error if it is not', async () => {
  running.lab.dingtalk.stream.isBusy = true;
  await running.restart({ FEISHU_INPUT: 'websocket', DINGTALK_INPUT: 'stream' });
  const text = await readSummary();
  expect(text).toMatch(/Feishu connection +opened by the bot.*; open since 20/);
  expect(text).toMatch(/DingTalk connection +opened by the bot.*; NOT open: .*overloaded/);
  expect(text).not.toContain('/feishu/verify');
  expect(text).not.toContain('/dingtalk/callback');
  const report = await readBotReport(`${running.adminUrl}/status`);
  expect(report?.text).toMatch(/Long connections\n +feishu +\S+ +open since 20/);
  expect(report?.text).toMatch(/ +dingtalk +\S+ +NOT open: .*overloaded/);
});
