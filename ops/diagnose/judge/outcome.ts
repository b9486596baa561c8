// The outcome of a diagnosis and the exit code that says it to programs.
import type { CheckResult, Outcome, Report } from '../report.ts';
import type { Judgement } from './judge.ts';

/**
 * A fault with a cause is `broken`. A fault without one, two equal causes, or a critical question left open is
 * `undetermined`: silence is not health. What only asks for attention is `degraded`.
 */
export function concludeOutcome(
  found: Omit<Judgement, 'ruledOut' | 'contributing'> & { checks: CheckResult[] },
): Outcome {
  const { primary, tied, unexplained, alsoSeen, checks } = found;
  if (primary) return tied ? 'undetermined' : 'broken';
  if (unexplained.length > 0 || checks.some(isOpenQuestion)) return 'undetermined';
  const needsAttention = checks.some(({ status }) => status === 'warn' || status === 'unknown');
  return needsAttention || alsoSeen.length > 0 ? 'degraded' : 'healthy';
}

/** 0 healthy or warnings only, 1 a verdict, 3 undetermined; `strict` turns warnings into 1. 2 is for usage and crashes. */
export function exitCodeOf({ outcome }: Pick<Report, 'outcome'>, strict: boolean): number {
  const codes: Record<Outcome, number> = { healthy: 0, degraded: strict ? 1 : 0, broken: 1, undetermined: 3 };
  return codes[outcome];
}

function isOpenQuestion({ critical, status, reason }: CheckResult): boolean {
  return critical && (status === 'unknown' || (status === 'skip' && reason === 'prerequisite'));
}

/** True when every check the patterns name is fine, and at least one of them ran. `*` stands for any part. */
export function isClear(patterns: string[], checks: CheckResult[]): boolean {
  const named = checks.filter(({ id }) => patterns.some((pattern) => fits(pattern, id)));
  const relevant = named.filter(({ reason }) => reason !== 'not_applicable' && reason !== 'not_configured');
  return relevant.length > 0 && relevant.every(({ status }) => status === 'ok' || status === 'warn');
}

function fits(pattern: string, id: string): boolean {
  const [words, parts] = [id.split('.'), pattern.split('.')];
  return words.length === parts.length && parts.every((part, index) => part === '*' || part === words[index]);
}
