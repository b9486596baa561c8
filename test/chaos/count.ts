// Counts the messages of a run and lists the violated guarantees.
import type { Lab } from '../../ops/lab/start-lab.ts';
import type { Fate } from './fates.ts';
import { type Ledger, MARK, type Message, PLATFORMS, type Platform } from './ledger.ts';
import type { Scenario } from './scenario.ts';

/** Start of a recovery: the moment from which the time to the next acknowledgement is measured. */
export interface RecoveryStart {
  at: number;
  platform?: Platform | undefined;
}

/** Median and maximum in seconds; null if there was no recovery. */
interface Spread {
  p50: number | null;
  max: number | null;
}

/** Counts of one run. */
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
  /** Number of measured recoveries, and the times to the next acknowledgement and to the next answer. */
  recoveries: number;
  recoveryAck: Spread;
  recoveryAnswer: Spread;
}

/** Observations of one run, from which its counts are made. */
export interface RunObservation {
  lab: Lab;
  ledger: Ledger;
  fates: Map<Message, Fate>;
  recoveryStarts: readonly RecoveryStart[];
}

export function count({ lab, ledger, fates, recoveryStarts }: RunObservation): Counts {
  const acknowledged = ledger.messages.flatMap((message) => message.acknowledged ?? []);
  const ms = acknowledged.map((each) => each.ms).sort((a, b) => a - b);
  const countOf = (fate: Fate) => [...fates.values()].filter((each) => each === fate).length;
  return {
    messages: ledger.messages.length,
    acknowledged: acknowledged.length,
    redelivered: ledger.messages.filter((message) => message.acknowledged && message.attempts > 1).length,
    refusals: ledger.rejections(),
    answered: countOf('answered'),
    twice: [...ledger.answers().values()].filter((times) => times > 1).length,
    notice: countOf('notice'),
    unknown: countOf('unknown'),
    dead: countOf('dead'),
    waiting: countOf('waiting'),
    lost: countOf('lost'),
    ackP99Ms: quantile(ms, 0.99),
    ackMaxMs: ms.at(-1) ?? 0,
    recoveries: recoveryStarts.length,
    recoveryAck: spread(recoveryStarts, (platform) => acknowledgementTimes(ledger, platform)),
    recoveryAnswer: spread(recoveryStarts, (platform) => answerTimes(lab, platform)),
  };
}

/** Returns one sentence per violated guarantee; none if all were met. */
export function violatedGuarantees(counts: Counts, scenario: Scenario, { fates }: RunObservation): string[] {
  const feishuUnknown = [...fates].filter(([{ platform }, fate]) => platform === 'feishu' && fate === 'unknown');
  const unacknowledged = counts.messages - counts.acknowledged;
  const checks: [isViolated: boolean, sentence: string][] = [
    [counts.twice > 0, `${counts.twice} answered twice`],
    [counts.lost > 0, `${counts.lost} acknowledged and lost without a trace`],
    [counts.dead > 0, `${counts.dead} acknowledged and given up`],
    [counts.waiting > 0, `${counts.waiting} still waiting at the end`],
    [feishuUnknown.length > 0, `${feishuUnknown.length} unknown on Feishu, which accepts a key`],
    [!scenario.apologises && counts.notice > 0, `${counts.notice} answered by an apology`],
    [!scenario.rejectsCallbacks && counts.refusals > 0, `${counts.refusals} deliveries rejected with 503`],
    [!scenario.rejectsCallbacks && unacknowledged > 0, `${unacknowledged} never acknowledged`],
  ];
  return checks.filter(([isViolated]) => isViolated).map(([, sentence]) => sentence);
}

function acknowledgementTimes(ledger: Ledger, platform: Platform): number[] {
  return ledger.messages.flatMap((message) =>
    message.platform === platform && message.acknowledged ? [message.acknowledged.at] : [],
  );
}

/** Times of the answers, without apologies: an apology is no recovery. */
function answerTimes(lab: Lab, platform: Platform): number[] {
  return lab[platform].sent.flatMap(({ text, at }) => (MARK.test(text) ? [at] : []));
}

function spread(starts: readonly RecoveryStart[], timesOf: (platform: Platform) => number[]): Spread {
  const times = { feishu: timesOf('feishu'), dingtalk: timesOf('dingtalk') };
  const waits = starts.flatMap(({ at, platform }) => {
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
