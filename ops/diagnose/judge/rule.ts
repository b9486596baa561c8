// Defines a rule: the properties of a verdict as data, and a function that proposes it.
import type { FactKey } from '../facts.ts';
import type { Layer, Verdict } from '../report.ts';
import type { Knowledge } from './knowledge.ts';

/** A cause that a rule proposes. */
export interface Candidate extends Omit<Verdict, 'id' | 'layer' | 'runbook'> {
  /** True if the fault is over. It is then listed under "also seen" and is never the root cause. */
  past?: boolean;
  /** Start of the cause, ISO 8601, if known. A cause cannot begin after its effects. */
  causeSince?: string;
}

export interface Rule {
  /** Never reused and never renamed, because alerts, runbooks and operators refer to it. */
  id: string;
  layer: Layer;
  /** Text under "ruled out" if the checks in `clearedBy` all pass. */
  label: string;
  /** Ids of checks; `*` matches any one part. Checks that do not apply to this installation are ignored. */
  clearedBy: string[];
  /** Keys of the facts that it reads. A check must declare each of them. */
  reads: FactKey[];
  /** Returns the candidate, or undefined if the facts do not show this cause. */
  judge(known: Knowledge): Candidate | undefined;
}
