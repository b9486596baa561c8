// Runs the bot as a service manager would: restarts it at once after every end.
import { type BotProcess, startBotProcess } from '../support/bot-process.ts';
import { waitUntil } from '../support/wait-until.ts';

export interface RestartingBot {
  adminUrl: string;
  /** Last output of each process that ended without `kill` or `stop`. The guarantees allow none. */
  readonly crashes: readonly string[];
  /** Kills the process with SIGKILL and starts the next one at once. */
  kill(): Promise<void>;
  /** Resolves when `/readyz` reports that the bot is ready. */
  ready(): Promise<void>;
  /** Shuts the bot down without a restart. Safe to call twice. */
  stop(): Promise<void>;
}

export interface RestartingBotOptions {
  /** Working directory of the bot, with its data in `data/`. */
  dir: string;
  env: Record<string, string>;
  adminUrl: string;
}

export function startRestartingBot({ dir, env, adminUrl }: RestartingBotOptions): RestartingBot {
  const crashes: string[] = [];
  const ending = new Set<BotProcess>();
  let current = start();
  // If the harness is interrupted, the bot must end with it.
  const killAtExit = () => void current.child.kill('SIGKILL');
  process.once('exit', killAtExit);

  function start(): BotProcess {
    const bot = startBotProcess(dir, env);
    bot.child.once('close', (code, signal) => {
      if (ending.delete(bot)) return;
      crashes.push(`ended with ${code ?? signal}: ${(bot.stderr() || bot.stdout()).slice(-1000)}`);
      current = start();
    });
    return bot;
  }

  async function end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    ending.add(current);
    await current.end(signal);
  }

  return {
    adminUrl,
    crashes,
    async kill() {
      await end('SIGKILL');
      current = start();
    },
    async ready() {
      const isReady = () =>
        fetch(`${adminUrl}/readyz`).then(
          ({ ok }) => ok,
          () => false,
        );
      await waitUntil('the bot is ready', isReady);
    },
    async stop() {
      process.off('exit', killAtExit);
      if (current.child.exitCode === null && current.child.signalCode === null) await end('SIGTERM');
    },
  };
}
