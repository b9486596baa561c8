// Runs the playground page in a real browser, with a stand-in bot that answers by the real API calls.
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { Browser, Locator, Page } from 'playwright-core';
import { faults } from '../../../ops/lab/faults.ts';
import { generateCredentials, type Lab, startLab } from '../../../ops/lab/start-lab.ts';
import { launchChromium } from '../../support/launch-chromium.ts';
import { PATIENCE_MS } from '../../support/patience.ts';
import { type StandInBot, startStandInBot } from './stand-in-bot.ts';

const credentials = generateCredentials();
// The pictures stay after the run for inspection. The next run replaces them.
const pictures = join(tmpdir(), `chatbot-playground-${userInfo().username}`);
let browser: Browser;
let bot: StandInBot;
let lab: Lab;
let page: Page;
let pageErrors: string[];

beforeAll(async () => {
  browser = await launchChromium();
});
afterAll(() => browser.close());
beforeEach(async () => {
  bot = await startStandInBot(credentials);
  lab = await startLab({ credentials, botUrl: bot.url, ackWithinMs: PATIENCE_MS });
  bot.echoTo = lab.urls.feishu;
  page = await open({});
});
afterEach(async () => {
  await page.close();
  await lab.stop();
  await bot.stop();
});

async function open(options: { colorScheme?: 'light' | 'dark'; width?: number }): Promise<Page> {
  pageErrors = [];
  const { colorScheme = 'light', width = 1280 } = options;
  const opened = await browser.newPage({ colorScheme, viewport: { width, height: 800 } });
  opened.setDefaultTimeout(PATIENCE_MS);
  opened.on('console', (message) => message.type() === 'error' && pageErrors.push(message.text()));
  opened.on('pageerror', (error) => pageErrors.push(error.message));
  await opened.goto(lab.urls.page);
  await opened.getByLabel('Revoke the Feishu secret').waitFor();
  return opened;
}

const chat = (name: string) => page.getByRole('region', { name });
const input = (name: string) => page.getByLabel(`Message to the bot in ${name}`);
const bubbles = (name: string) => chat(name).locator('.bubble').allTextContents();

async function send(name: string, text: string): Promise<void> {
  await input(name).fill(text);
  await input(name).press('Enter');
}

async function waitForText(locator: Locator, text: string | RegExp): Promise<string> {
  const found = locator.filter({ hasText: text }).first();
  await found.waitFor();
  return (await found.textContent()) ?? '';
}

describe('chatting', () => {
  test.each(['Feishu', 'DingTalk'])('shows a message of %s as sent, acknowledged, answered', async (name) => {
    await send(name, 'hello');
    await waitForText(chat(name).locator('.bubble'), 'Echo: hello');
    const fact = await waitForText(chat(name).locator('.fact'), 'answered');
    expect(fact).toMatch(/^acknowledged in \d+ ms, answered$/);
    expect(await bubbles(name)).toEqual(['hello', 'Echo: hello']);
    expect(await chat(name).locator('.summary').textContent()).toMatch(/^last replied after (\d+ ms|\d+\.\d s)$/);
    expect(await input(name).inputValue()).toBe('');
    expect({ genuine: bot.callbacks.map((callback) => callback.genuine), pageErrors }).toEqual({
      genuine: [true],
      pageErrors: [],
    });
  });

  test('shows a growing card as one bubble with the newest text', async () => {
    await send('Feishu', 'hello');
    await waitForText(chat('Feishu').locator('.bubble'), 'Echo: hello');
    const api = `${lab.urls.feishu}/open-apis`;
    const { appId: app_id, appSecret: app_secret } = credentials.feishu;
    const call = async (method: string, path: string, json: object, token = '') => {
      const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
      return Object(await (await fetch(`${api}${path}`, { method, headers, body: JSON.stringify(json) })).json());
    };
    const { tenant_access_token } = await call('POST', '/auth/v3/tenant_access_token/internal', { app_id, app_secret });
    const card = (content: string) => ({
      msg_type: 'interactive',
      content: JSON.stringify({ config: { update_multi: true }, elements: [{ tag: 'markdown', content }] }),
    });
    const [reply] = lab.feishu.sent;
    const path = `/im/v1/messages/${reply?.messageId}/reply`;
    const { data } = await call('POST', path, card('thinking'), tenant_access_token);
    await waitForText(chat('Feishu').locator('.bubble'), 'thinking');
    await call('PATCH', `/im/v1/messages/${data.message_id}`, card('the answer'), tenant_access_token);
    await waitForText(chat('Feishu').locator('.bubble'), 'the answer');
    expect(await bubbles('Feishu')).toEqual(['hello', 'Echo: hello', 'the answer']);
  });

  const texts = [
    '你好，帮我查一下生产告警 🚨👩‍👩‍👧',
    'مرحبا hello',
    `word ${'x'.repeat(5_000)}`,
    '<b onclick="x">&amp;</b>',
    'line\nline',
  ];
  test('shows texts of every kind unchanged, inside the page', async () => {
    for (const text of texts) {
      await input('Feishu').fill(text);
      await chat('Feishu').getByRole('button', { name: 'Send' }).click();
      await waitForText(chat('Feishu').locator('.bubble'), `Echo: ${text.slice(0, 20).split('\n')[0]}`);
    }
    expect(await bubbles('Feishu')).toEqual(texts.flatMap((text) => [text, `Echo: ${text}`]));
    expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
    await page.screenshot({ path: join(pictures, 'texts.png') });
  });

  test('adds a line with Shift+Enter, sends with Enter, and rejects an empty message with a text', async () => {
    await input('DingTalk').press('Enter');
    expect(await chat('DingTalk').getByRole('alert').textContent()).toBe('Type a message first.');
    await input('DingTalk').pressSequentially('a');
    expect(await chat('DingTalk').getByRole('alert').textContent()).toBe('');
    await input('DingTalk').press('Shift+Enter');
    await input('DingTalk').pressSequentially('b');
    await input('DingTalk').press('Enter');
    await waitForText(chat('DingTalk').locator('.bubble'), 'Echo');
    expect(await bubbles('DingTalk')).toEqual(['a\nb', 'Echo: a\nb']);
    expect(await input('DingTalk').evaluate((element) => element === element.ownerDocument.activeElement)).toBe(true);
  });

  test('announces new messages to screen readers', async () => {
    const log = chat('Feishu').locator('ol');
    expect(await log.getAttribute('aria-live')).toBe('polite');
  });

  test('shows the same messages after a reload', async () => {
    await send('Feishu', 'hello');
    await waitForText(chat('Feishu').locator('.fact'), 'answered');
    await page.reload();
    await waitForText(chat('Feishu').locator('.fact'), 'answered');
    expect(await bubbles('Feishu')).toEqual(['hello', 'Echo: hello']);
  });
});

describe('failures', () => {
  test('shows the fix below the message if the bot is not running', async () => {
    await bot.stop();
    await send('Feishu', 'hello');
    const fact = await waitForText(chat('Feishu').locator('.fact.bad'), /./);
    expect(fact).toBe(`Nothing listens at ${bot.url}. Start the bot with: make up`);
    await page.screenshot({ path: join(pictures, 'no-bot.png') });
  });

  test('gets no reply with a revoked secret until it is fixed', async () => {
    await page.getByLabel('Revoke the Feishu secret').check();
    await page.getByRole('button', { name: 'Fix all' }).waitFor();
    expect([...lab.faults]).toEqual(['feishu-secret-revoked']);
    await send('Feishu', 'hello');
    await waitForText(chat('Feishu').locator('.fact'), 'waiting for the reply');
    expect(lab.feishu.sent).toEqual([]);
    await page.screenshot({ path: join(pictures, 'fault.png') });
    await page.getByRole('button', { name: 'Fix all' }).click();
    await page.getByRole('button', { name: 'Fix all' }).waitFor({ state: 'hidden' });
    expect([...lab.faults]).toEqual([]);
    await send('Feishu', 'again');
    await waitForText(chat('Feishu').locator('.bubble'), 'Echo: again');
  });

  test('names the command to run if there is no reply within ten seconds', async () => {
    await page.clock.install();
    await page.reload();
    await lab.setFault('feishu-secret-revoked', true);
    await send('Feishu', 'hello');
    await waitForText(chat('Feishu').locator('.fact'), 'waiting for the reply');
    await page.clock.fastForward(11_000);
    const fact = await waitForText(chat('Feishu').locator('.fact.bad'), /./);
    expect(fact).toMatch(/^acknowledged in \d+ ms, but no reply yet. Run make diagnose$/);
  });

  test('has a switch for every fault, the Feishu secret first, and follows other switches', async () => {
    const labels = await page.locator('.fault-label').allTextContents();
    expect(labels).toEqual(faults.map(({ label }) => label));
    expect(labels[0]).toBe('Revoke the Feishu secret');
    await lab.setFault('model-500', true);
    await page.locator('input[name="model-500"]:checked').waitFor();
  });

  test('reports a stopped lab, and reconnects by itself', async () => {
    const ports = Object.fromEntries(Object.entries(lab.urls).map(([name, url]) => [name, Number(new URL(url).port)]));
    const { page: pagePort = 0, feishu = 0, dingtalk = 0, model = 0 } = ports;
    const notice = page.locator('#connection');
    expect(await notice.isVisible()).toBe(false);
    await lab.stop();
    await notice.waitFor();
    await send('Feishu', 'hello');
    await waitForText(chat('Feishu').getByRole('alert'), 'The lab does not answer. Start it again with: make up');
    expect(await input('Feishu').inputValue()).toBe('hello');
    lab = await startLab({ credentials, botUrl: bot.url, ports: { page: pagePort, feishu, dingtalk, model } });
    await notice.waitFor({ state: 'hidden' });
    expect(await chat('Feishu').getByRole('alert').textContent()).toBe('');
    await input('Feishu').press('Enter');
    await waitForText(chat('Feishu').locator('.bubble'), 'Echo: hello');
  });
});

describe('layout', () => {
  test.each([
    ['light', 1280, 'row'],
    ['dark', 1280, 'row'],
    ['light', 390, 'column'],
    ['dark', 820, 'row'],
  ] as const)('%s, %d pixels wide', async (colorScheme, width, layout) => {
    await page.close();
    page = await open({ colorScheme, width });
    await send('Feishu', 'hello');
    await waitForText(chat('Feishu').locator('.bubble'), 'Echo: hello');
    const [feishu, dingtalk] = [await chat('Feishu').boundingBox(), await chat('DingTalk').boundingBox()];
    expect(feishu?.y === dingtalk?.y ? 'row' : 'column').toBe(layout);
    expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
    const background = await page.evaluate('getComputedStyle(document.body).backgroundColor');
    expect(background).toBe(colorScheme === 'dark' ? 'rgb(21, 23, 28)' : 'rgb(243, 244, 247)');
    await page.screenshot({ path: join(pictures, `${colorScheme}-${width}.png`), fullPage: width < 1000 });
  });
});
