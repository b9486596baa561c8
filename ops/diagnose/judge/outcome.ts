// Computes the outcome of a diagnosis and its exit code.
import type { CheckResult, Outcome, Report } from '../report.ts';
import type { Judgement } from './judge.ts';

/**
 * Returns the outcome. `broken`: a fault with a cause. `undetermined`: a fault without a cause, two equal causes, or a
 * critical check without a result, because a missing result does not prove health. `degraded`: only warnings, unknown
 * results of other checks, or causes that are over or merely possible.
 */
export function concludeOutcome(
  found: Omit<Judgement, 'ruledOut' | 'contributing'> & { checks: CheckResult[] },
): Outcome {
  const { primary, tied, unexplained, alsoSeen, checks } = found;
  if (primary) return tied ? 'undetermined' : 'broken';
  const isReady = checks.some(({ id, status }) => id === 'proc.ready' && status === 'ok');
  if (unexplained.length > 0 || checks.some((check) => lacksCriticalResult(check, isReady))) return 'undetermined';
  const needsAttention = checks.some(({ status }) => status === 'warn' || status === 'unknown');
  return needsAttention || alsoSeen.length > 0 ? 'degraded' : 'healthy';
}

/**
 * Returns the exit code: 0 healthy or warnings only, 1 a verdict, 3 undetermined. `strict` turns warnings into 1. Code
 * 2 is reserved for wrong usage and crashes.
 */
export function exitCodeOf({ outcome }: Pick<Report, 'outcome'>, strict: boolean): number {
  const codes: Record<Outcome, number> = { healthy: 0, degraded: strict ? 1 : 0, broken: 1, undetermined: 3 };
  return codes[outcome];
}

/** A bot that is ready has what only this user may not check: its database and its folders. */
function lacksCriticalResult({ critical, status, reason }: CheckResult, isReady: boolean): boolean {
  if (reason === 'no_permission' && isReady) return false;
  return critical && (status === 'unknown' || (status === 'skip' && reason === 'prerequisite'));
}

/** Returns true if every check that matches a pattern is ok or warn, and at least one ran. `*` matches any one part. */
export function isClear(patterns: string[], checks: CheckResult[]): boolean {
  const named = checks.filter(({ id }) => patterns.some((pattern) => fits(pattern, id)));
  const relevant = named.filter(({ reason }) => reason !== 'not_applicable' && reason !== 'not_configured');
  return relevant.length > 0 && relevant.every(({ status }) => status === 'ok' || status === 'warn');
}

function fits(pattern: string, id: string): boolean {
  const [idParts, patternParts] = [id.split('.'), pattern.split('.')];
  if (idParts.length !== patternParts.length) return false;
  return patternParts.every((part, index) => part === '*' || part === idParts[index]);
}
