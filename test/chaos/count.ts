// Counts a run and says which promises were broken.
import type { Lab } from '../../ops/lab/start-lab.ts';
import type { Fate } from './fates.ts';
import { type Ledger, MARK, type Message, PLATFORMS, type Platform } from './ledger.ts';
import type { Scenario } from './scenario.ts';

/** A moment from which recovery is measured. */
export interface Mark {
  at: number;
  platform?: Platform | undefined;
}

/** Seconds, with half of all below `p50`; null where it never came. */
interface Spread {
  p50: number | null;
  max: number | null;
}

/** What one run came to. */
export interface Counts extends Record<Fate, number> {
  messages: number;
  acknowledged: number;
  /** Acknowledged at a later delivery than the first. */
  redelivered: number;
  /** Deliveries answered with 503. */
  refusals: number;
  twice: number;
  /** Milliseconds of the acknowledged deliveries. */
  ackP99Ms: number;
  ackMaxMs: number;
  /** How often it was measured, and the time to the next acknowledgement and answer. */
  recoveries: number;
  recoveryAck: Spread;
  recoveryAnswer: Spread;
}

export interface Seen {
  lab: Lab;
  ledger: Ledger;
  fates: Map<Message, Fate>;
  marks: readonly Mark[];
}

export function count({ lab, ledger, fates, marks }: Seen): Counts {
  const acknowledged = ledger.messages.flatMap((message) => message.acknowledged ?? []);
  const ms = acknowledged.map((each) => each.ms).sort((a, b) => a - b);
  const having = (fate: Fate) => [...fates.values()].filter((each) => each === fate).length;
  return {
    messages: ledger.messages.length,
    acknowledged: acknowledged.length,
    redelivered: ledger.messages.filter((message) => message.acknowledged && message.attempts > 1).length,
    refusals: ledger.refusals(),
    answered: having('answered'),
    twice: [...ledger.answers().values()].filter((times) => times > 1).length,
    notice: having('notice'),
    unknown: having('unknown'),
    dead: having('dead'),
    waiting: having('waiting'),
    lost: having('lost'),
    ackP99Ms: quantile(ms, 0.99),
    ackMaxMs: ms.at(-1) ?? 0,
    recoveries: marks.length,
    recoveryAck: spread(marks, (platform) => acknowledgementTimes(ledger, platform)),
    recoveryAnswer: spread(marks, (platform) => answerTimes(lab, platform)),
  };
}

/** One sentence per broken promise; none when all were kept. */
export function brokenPromises(counts: Counts, scenario: Scenario, seen: Seen): string[] {
  const feishuUnknown = [...seen.fates].filter(([{ platform }, fate]) => platform === 'feishu' && fate === 'unknown');
  const unacknowledged = counts.messages - counts.acknowledged;
  const broken: [boolean, string][] = [
    [counts.twice > 0, `${counts.twice} answered twice`],
    [counts.lost > 0, `${counts.lost} acknowledged and lost without a trace`],
    [counts.dead > 0, `${counts.dead} acknowledged and given up`],
    [counts.waiting > 0, `${counts.waiting} still waiting at the end`],
    [feishuUnknown.length > 0, `${feishuUnknown.length} unknown on Feishu, which takes a key`],
    [!scenario.apologises && counts.notice > 0, `${counts.notice} answered by an apology`],
    [!scenario.refuses && counts.refusals > 0, `${counts.refusals} deliveries refused with 503`],
    [!scenario.refuses && unacknowledged > 0, `${unacknowledged} never acknowledged`],
  ];
  return broken.filter(([is]) => is).map(([, sentence]) => sentence);
}

function acknowledgementTimes(ledger: Ledger, platform: Platform): number[] {
  return ledger.messages.flatMap((message) =>
    message.platform === platform && message.acknowledged ? [message.acknowledged.at] : [],
  );
}

// An apology is no recovery.
function answerTimes(lab: Lab, platform: Platform): number[] {
  return lab[platform].sent.flatMap(({ text, at }) => (MARK.test(text) ? [at] : []));
}

function spread(marks: readonly Mark[], timesOf: (platform: Platform) => number[]): Spread {
  const times = { feishu: timesOf('feishu'), dingtalk: timesOf('dingtalk') };
  const waits = marks.flatMap(({ at, platform }) => {
    const later = (platform ? [platform] : PLATFORMS).flatMap((each) => times[each]).filter((time) => time > at);
    return later.length === 0 ? [] : [(later.reduce((a, b) => Math.min(a, b)) - at) / 1000];
  });
  waits.sort((a, b) => a - b);
  if (waits.length === 0) return { p50: null, max: null };
  return { p50: round(quantile(waits, 0.5)), max: round(quantile(waits, 1)) };
}

function quantile(sorted: number[], q: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? 0;
}

function round(seconds: number): number {
  return Math.round(seconds * 100) / 100;
}
