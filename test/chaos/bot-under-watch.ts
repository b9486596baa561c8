// The bot as a service manager keeps it: started again at once, whether we killed it or it ended by itself.
import { type BotProcess, startBotProcess } from '../support/bot-process.ts';
import { waitUntil } from '../support/wait-until.ts';

export interface BotUnderWatch {
  adminUrl: string;
  /** What it said last, each time it ended by itself: none is allowed. */
  readonly crashes: readonly string[];
  /** Kills the process as a power cut of the process would, and starts the next one at once. */
  kill(): Promise<void>;
  /** Resolves when it says that it is ready. */
  ready(): Promise<void>;
  /** Ends it in order, for good. Safe to call twice. */
  stop(): Promise<void>;
}

export interface BotUnderWatchOptions {
  /** Working directory, with its data below. */
  dir: string;
  env: Record<string, string>;
  adminUrl: string;
}

export function startBotUnderWatch({ dir, env, adminUrl }: BotUnderWatchOptions): BotUnderWatch {
  const crashes: string[] = [];
  const ending = new Set<BotProcess>();
  let current = start();
  // The bot does not outlive a harness that is interrupted.
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
