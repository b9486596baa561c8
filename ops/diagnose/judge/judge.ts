// Chooses the verdicts: rules propose causes, a lower layer wins, and the fewest causes that explain everything remain.
import type { Confidence, Symptom, Verdict } from '../report.ts';
import type { Knowledge } from './knowledge.ts';
import type { Candidate, Rule } from './rule.ts';

/** Result of all rules. */
export interface Judgement {
  primary: Verdict | undefined;
  contributing: Verdict[];
  alsoSeen: Verdict[];
  unexplained: Symptom[];
  ruledOut: string[];
  /** True if two causes explain the same symptoms equally well, so that the first one is not certain. */
  tied: boolean;
}

interface Proposal {
  rule: Rule;
  candidate: Candidate;
}

const STRENGTH: Record<Confidence, number> = { proven: 3, likely: 2, possible: 1 };
/** Maximum time by which the start of a cause may be recorded after its first effect. */
const ONSET_TOLERANCE_MS = 60_000;

/**
 * Applies the rules. `isConclusive` returns true if the checks of these patterns all passed, so that a cause is ruled
 * out. The chosen causes do not depend on the order of the rules.
 */
export function judge(rules: Rule[], known: Knowledge, isConclusive: (patterns: string[]) => boolean): Judgement {
  const proposed = rules.flatMap((rule): Proposal[] => {
    const candidate = rule.judge(known);
    return candidate ? [{ rule, candidate: withOnsetTested(candidate, known.symptoms) }] : [];
  });
  const isActive = ({ candidate }: Proposal) =>
    !candidate.past && candidate.confidence !== 'possible' && candidate.explains.length > 0;
  const active = withoutDominated(proposed.filter(isActive));
  const { chosen, uncovered, tied } = cover(active, known.symptoms);
  const [primary, ...contributing] = chosen.map((entry) => toVerdict(entry, known.symptoms));
  return {
    primary,
    contributing,
    alsoSeen: proposed
      .filter(({ candidate }) => candidate.past || candidate.confidence === 'possible')
      .map((entry) => toVerdict(entry, known.symptoms)),
    unexplained: uncovered,
    ruledOut: rules
      .filter((rule) => !proposed.some((entry) => entry.rule === rule) && isConclusive(rule.clearedBy))
      .map((rule) => rule.id),
    tied,
  };
}

/** Lowers the confidence to `possible` if the cause began after the symptoms that it explains. */
function withOnsetTested(candidate: Candidate, symptoms: Symptom[]): Candidate {
  if (!candidate.causeSince) return candidate;
  const onset = earliestOnset(candidate, symptoms);
  const late = onset !== undefined && Date.parse(candidate.causeSince) > Date.parse(onset) + ONSET_TOLERANCE_MS;
  return late ? { ...candidate, confidence: 'possible' } : candidate;
}

/** Removes A if a cause B is on a lower layer, has at least the same confidence, and explains every symptom of A. */
function withoutDominated(entries: Proposal[]): Proposal[] {
  return entries.filter(
    (a) =>
      !entries.some(
        (b) =>
          b.rule.layer < a.rule.layer &&
          STRENGTH[b.candidate.confidence] >= STRENGTH[a.candidate.confidence] &&
          a.candidate.explains.every((id) => b.candidate.explains.includes(id)),
      ),
  );
}

/** Selects causes by greedy weighted set cover. `tied` is true if the first choice had an equal. */
function cover(entries: Proposal[], symptoms: Symptom[]) {
  let uncovered = symptoms;
  let candidates = entries;
  let tied = false;
  const chosen: Proposal[] = [];
  while (candidates.length > 0) {
    const [best, second] = [...candidates].sort((a, b) => compare(a, b, uncovered));
    if (!best || gain(best, uncovered) === 0) break;
    if (chosen.length === 0 && second) tied = isTie(best, second, uncovered);
    chosen.push(best);
    uncovered = uncovered.filter((symptom) => !best.candidate.explains.includes(symptom.id));
    candidates = candidates.filter((entry) => entry !== best);
  }
  return { chosen, uncovered, tied };
}

function gain({ candidate }: Proposal, uncovered: Symptom[]): number {
  return uncovered.reduce((sum, symptom) => sum + (candidate.explains.includes(symptom.id) ? symptom.weight : 0), 0);
}

/**
 * Sorts by explained weight, confidence, then lower layer. The id comes last, so that equal input gives equal output.
 */
function compare(a: Proposal, b: Proposal, uncovered: Symptom[]): number {
  return (
    gain(b, uncovered) - gain(a, uncovered) ||
    STRENGTH[b.candidate.confidence] - STRENGTH[a.candidate.confidence] ||
    a.rule.layer - b.rule.layer ||
    (a.rule.id < b.rule.id ? -1 : 1)
  );
}

function isTie(a: Proposal, b: Proposal, uncovered: Symptom[]): boolean {
  const covered = ({ candidate }: Proposal) => uncovered.filter(({ id }) => candidate.explains.includes(id));
  const [mine, theirs] = [covered(a), covered(b)];
  const sameSymptoms = mine.length === theirs.length && mine.every((symptom) => theirs.includes(symptom));
  return sameSymptoms && a.candidate.confidence === b.candidate.confidence && a.rule.layer === b.rule.layer;
}

function toVerdict({ rule, candidate }: Proposal, symptoms: Symptom[]): Verdict {
  const { past: _past, causeSince, ...rest } = candidate;
  const onset = candidate.onset ?? causeSince ?? earliestOnset(candidate, symptoms);
  const runbook = `docs/diagnose/${rule.id}.md`;
  return { id: rule.id, layer: rule.layer, ...rest, runbook, ...(onset === undefined ? {} : { onset }) };
}

function earliestOnset(candidate: Candidate, symptoms: Symptom[]): string | undefined {
  const onsets = symptoms.flatMap(({ id, onset }) => (candidate.explains.includes(id) && onset ? [onset] : []));
  return onsets.sort()[0];
}
