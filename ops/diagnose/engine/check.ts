// Defines a check: its properties as data, and one function that collects facts.
import type { Settings } from '../../../bot/config/settings.ts';
import type { FactKey, FactTypes } from '../facts.ts';
import type { Ports } from '../ports/ports.ts';
import type { CheckResult, ErrorGroup, Layer, Reason } from '../report.ts';

/** Everything that a running check may use. */
export interface CheckContext extends Ports {
  /** Aborts when the time limit of the check or of the run is reached. */
  signal: AbortSignal;
  /** Aborts after 75 % of the check's time, so that the check can still return the results it has. */
  hurry: AbortSignal;
  window: { from: Date; to: Date };
  /** The settings of the running bot. Throws unless the check needs `cfg.schema`. */
  cfg: Settings;
  /** True if the operator selected this check by its id. It must then not use cached results. */
  asked: boolean;
  /** Returns the result of a check named in `needs` or `after`. Throws for any other id. */
  dep(id: string): CheckResult;
  /** Counts a call to a server of a platform, for the report. */
  countCall(platform: string): void;
}

export interface CheckOutcome {
  status: 'ok' | 'warn' | 'fail' | 'skip' | 'unknown';
  summary: string;
  code?: string;
  /** Required for skip and unknown. */
  reason?: Reason;
  facts?: Partial<FactTypes>;
  errorGroups?: ErrorGroup[];
}

export interface Check {
  /** Never renamed: scripts and reports refer to it. */
  id: string;
  title: string;
  layer: Layer;
  /** Ids of checks that must end with ok or warn first. Otherwise this check is skipped. */
  needs: string[];
  /** Ids of checks that must end first, with any result, because their results are read. */
  after?: string[];
  /** True if the bot cannot be called healthy without a result of this check. */
  critical: boolean;
  /** Share of the service that stops if the check fails. Default 100 for critical checks and 10 for others. */
  weight?: number;
  timeoutMs: number;
  /** `fail` if a missing answer is itself a fault. */
  onTimeout: 'fail' | 'unknown';
  declares: FactKey[];
  /** Returns true, or the reason why there is nothing to check. */
  applies?(cfg: Settings): true | { reason: 'not_applicable' | 'not_configured'; why: string };
  run(ctx: CheckContext): Promise<CheckOutcome>;
}

/** Returns the weight of a failed check in the choice of the cause that explains the most. */
export function weightOf(check: Check): number {
  return check.weight ?? (check.critical ? 100 : 10);
}
