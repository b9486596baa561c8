// Runs the bot in the foreground: `npm start`, and the container's process.

import { createBot } from './app/create-bot.ts';
import { superviseProcess } from './app/supervise-process.ts';
import { applyProxy } from './config/apply-proxy.ts';
import { loadSettings } from './config/load-settings.ts';
import { SettingsError } from './config/problems.ts';
import { secretValues } from './config/secret-values.ts';
import { printableLines } from './telemetry/printable.ts';

const supervision = superviseProcess();
try {
  const settings = loadSettings();
  applyProxy(settings);
  const bot = createBot({ settings, logThread: new URL('./telemetry/log-thread-main.js', import.meta.url) });
  supervision.adopt({ bot, stopLimitMs: settings.SHUTDOWN_TIMEOUT_MS, secrets: secretValues(settings) });
  await bot.start();
} catch (error) {
  if (error instanceof SettingsError) {
    process.stderr.write(`${printableLines(error.message)}\n`);
    process.exitCode = 1;
  } else supervision.startFailed(error);
}
