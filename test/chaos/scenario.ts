// Types of a scenario: the load, the disturbance of the bot or its services, and the expected results.
import type { Lab } from '../../ops/lab/start-lab.ts';
import type { Ledger, Platform } from './ledger.ts';
import type { RestartingBot } from './restarting-bot.ts';

export type Database = 'sqlite' | 'mariadb';

/** Amount of load and disturbance. */
export interface Size {
  /** Messages over both platforms together. */
  messages: number;
  perSecond: number;
  /** Number of kills or restarts. */
  times: number;
  /** Divisor of the platforms' redelivery schedule (15 s, 5 min, 1 h, 6 h). */
  compress: number;
  /** Response time of the model (default 300). From 3 s on, Feishu shows the answer while it grows. */
  modelDelayMs?: number;
  /** Longest wait for an acknowledgement (default: the platform's deadline). */
  ackWithinMs?: number;
  /** Longest wait for the queues to empty after the last message. */
  settleMs: number;
}

/** Parts and functions that `disturb` uses while messages arrive. */
export interface DisturbanceContext {
  lab: Lab;
  bot: RestartingBot;
  ledger: Ledger;
  /** The bot's working directory, with its data in `data/`. */
  dir: string;
  /** Kills the database server and starts it again on its files; rejects with SQLite. */
  restartDatabase(): Promise<void>;
  times: number;
  /** Duration of the load in milliseconds. */
  durationMs: number;
  /** Returns a number from 0 to below 1; the same sequence for the same seed. */
  random(): number;
  /** Starts a measurement: the time to the next acknowledgement and to the next answer, of one platform or of any. */
  startRecovery(platform?: Platform): void;
  /** Prints a line of progress. */
  log(line: string): void;
}

export interface Scenario {
  name: string;
  /** The disturbance, in one line. */
  title: string;
  databases: readonly Database[];
  full: Size;
  /** Below 25 s, for the test suite. */
  short: Size;
  /** Additional settings of the bot. */
  env?(dir: string): Record<string, string>;
  /** Returns the reason why the scenario cannot run on this machine; undefined if it can. */
  missing?(): string | undefined;
  /** Called before the bot starts. Resolves with a function that reverts the preparation. */
  prepare?(dir: string): Promise<() => Promise<void>>;
  disturb(context: DisturbanceContext): Promise<void>;
  /** True if the bot or its database is unavailable: callbacks may be rejected, and the platform redelivers them. */
  rejectsCallbacks: boolean;
  /** True if the model is unavailable: the bot may reply with an apology. */
  apologises: boolean;
}
