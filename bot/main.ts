// The bot in the foreground: `npm start`, and the container's process.

import { applyProxy } from './config/apply-proxy.ts';
import { loadSettings } from './config/load-settings.ts';
import { SettingsError } from './config/problems.ts';
import { createBot } from './create-bot.ts';

/** After SIGTERM the stop must end, whatever hangs. */
function stopInTime(stop: () => Promise<void>, limitMs: number): void {
  const deadline = setTimeout(() => {
    process.stderr.write(`The stop took longer than ${limitMs} ms (SHUTDOWN_TIMEOUT_MS); giving up.\n`);
    process.exit(1);
  }, limitMs);
  deadline.unref();
  void stop().then(
    () => {
      process.exitCode = 0;
    },
    (error: unknown) => {
      process.stderr.write(`The stop failed: ${String(error)}\n`);
      process.exitCode = 1;
    },
  );
}

async function main(): Promise<void> {
  const settings = loadSettings();
  applyProxy(settings);
  const bot = createBot({ settings, logThread: new URL('./telemetry/log-thread-main.js', import.meta.url) });
  await bot.start();
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => stopInTime(bot.stop, settings.SHUTDOWN_TIMEOUT_MS));
  }
}

main().catch((error: unknown) => {
  const text = error instanceof SettingsError ? error.message : `The bot did not start: ${(error as Error).message}`;
  process.stderr.write(`${text}\n`);
  process.exitCode = 1;
});
