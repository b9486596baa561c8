// What a scenario is: how much is sent, what is done to the bot or to what it needs meanwhile, what it may not take from the users.
import type { Lab } from '../../ops/lab/start-lab.ts';
import type { BotUnderWatch } from './bot-under-watch.ts';
import type { Ledger, Platform } from './ledger.ts';

export type Database = 'sqlite' | 'mariadb';

/** How much of it. */
export interface Size {
  /** Over both platforms together. */
  messages: number;
  perSecond: number;
  /** How often it happens: kills, restarts. */
  times: number;
  /** The platforms' redelivery schedule (15 s, 5 min, 1 h, 6 h) is divided by this. */
  compress: number;
  /** How long the model takes (default 300); from 3 s on, Feishu shows the answer as it grows. */
  modelDelayMs?: number;
  /** Longest wait for an acknowledgement (default: that of the platform). */
  ackWithinMs?: number;
  /** Longest wait for the queues to empty after the last message. */
  settleMs: number;
}

/** What `disturb` works with while messages come in. */
export interface Stage {
  lab: Lab;
  bot: BotUnderWatch;
  ledger: Ledger;
  /** The bot's working directory, with its data in `data/`. */
  dir: string;
  /** Kills the database server and starts it again on its files; rejects with SQLite. */
  restartDatabase(): Promise<void>;
  times: number;
  /** How long messages come in. */
  durationMs: number;
  /** From 0 to below 1, the same for the same seed. */
  random(): number;
  /** Recovery is measured from now: to the next acknowledgement and to the next answer, of one platform or of any. */
  mark(platform?: Platform): void;
  say(line: string): void;
}

export interface Scenario {
  name: string;
  /** What is done, in one line. */
  title: string;
  databases: readonly Database[];
  full: Size;
  /** Below 25 s, for the test suite. */
  short: Size;
  /** Settings of the bot beside the usual ones. */
  env?(dir: string): Record<string, string>;
  /** Why it cannot run on this machine; undefined when it can. */
  missing?(): string | undefined;
  /** Called before the bot starts; returns what undoes it. */
  prepare?(dir: string): Promise<() => Promise<void>>;
  disturb(stage: Stage): Promise<void>;
  /** True where the bot itself or its database is away: callbacks may be refused, and the platform sends them again. */
  refuses: boolean;
  /** True where the model is away: a message may be answered by a sentence that says so. */
  apologises: boolean;
}
