// Takes the pictures of the READMEs from a running bot with its lab, and writes them to docs/pictures.
// Needs Chromium: CHROMIUM_PATH, or /usr/bin/chromium.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { projectRoot } from '../ops/installation/project-root.ts';
import { launchChromium } from '../test/support/launch-chromium.ts';
import { PATIENCE_MS } from '../test/support/patience.ts';
import { type Installation, withInstallation } from './pictures/installation.ts';
import { terminalPage } from './pictures/terminal-page.ts';

/** Limit of a picture, so that the READMEs load fast and the repository stays small. */
const MAX_BYTES = 200_000;
const FAULT = 'Revoke the Feishu secret';
const CAUSE = 'FEISHU_APP_SECRET_WRONG';

const folder = join(projectRoot(), 'docs/pictures');
const browser = await launchChromium({ handleSIGINT: false, handleSIGTERM: false });
// Without the browser the next step fails, and the failure stops the services.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => void browser.close());
try {
  await mkdir(folder, { recursive: true });
  await withInstallation(takePictures);
} finally {
  await browser.close();
}

async function takePictures({ playgroundUrl, chatbot }: Installation): Promise<void> {
  const playground = await openPage({ width: 1280, height: 800 }, 1);
  await playground.goto(playgroundUrl);
  await exchange(playground, 'Feishu', 'Good morning! Are you there?');
  await exchange(playground, 'DingTalk', '早上好，在吗？');
  await save('playground', await playground.screenshot());

  await playground.getByLabel(FAULT).check();
  await playground.getByRole('button', { name: 'Fix all' }).waitFor();
  const report = await chatbot('diagnose', 1);
  if (!report.includes(CAUSE)) throw new Error(`The diagnosis does not name ${CAUSE}:\n${report}`);
  const terminal = await openPage({ width: 1000, height: 800 }, 1.5);
  await terminal.setContent(terminalPage('./chatbot diagnose', report));
  await save('diagnose', await terminal.locator('pre').screenshot());
}

async function openPage(viewport: { width: number; height: number }, deviceScaleFactor: number): Promise<Page> {
  const page = await browser.newPage({ viewport, deviceScaleFactor, colorScheme: 'light' });
  page.setDefaultTimeout(PATIENCE_MS);
  return page;
}

/** Sends a message to the bot, and waits for the reply. */
async function exchange(page: Page, platform: string, text: string): Promise<void> {
  const input = page.getByLabel(`Message to the bot in ${platform}`);
  await input.fill(text);
  await input.press('Enter');
  await page.getByRole('region', { name: platform }).locator('.fact', { hasText: ', answered' }).waitFor();
}

async function save(name: string, png: Buffer): Promise<void> {
  const file = join(folder, `${name}.png`);
  if (png.length > MAX_BYTES)
    throw new Error(`${file} would have ${png.length} bytes, and the limit is ${MAX_BYTES}. Lower its scale.`);
  await writeFile(file, png);
  console.log(`${file}  ${png.length} bytes`);
}
