// A rule: data about a verdict, and a function from knowledge to a candidate for it.
import type { FactKey } from '../facts.ts';
import type { Layer, Verdict } from '../report.ts';
import type { Knowledge } from './knowledge.ts';

export interface Candidate extends Omit<Verdict, 'id' | 'layer' | 'runbook'> {
  /** True for something that is over: it is told, and is no reason to wake anybody. */
  past?: boolean;
  /** When the cause began, if that is known; a cause cannot be later than its effects. */
  causeSince?: string;
}

export interface Rule {
  /** Never reused, never renamed: alerts, runbooks and people hold on to it. */
  id: string;
  layer: Layer;
  /** What is said to be ruled out when the checks in `clearedBy` are all fine. */
  label: string;
  /** Check ids; `*` stands for any part. Those that do not apply to this installation do not count. */
  clearedBy: string[];
  /** The facts it reads: each must be emitted by some check. */
  reads: FactKey[];
  judge(known: Knowledge): Candidate | undefined;
}
