// What a check is: data about itself and one function that collects facts.
import type { Settings } from '../../../bot/config/settings.ts';
import type { FactKey, FactTypes } from '../facts.ts';
import type { Ports } from '../ports/ports.ts';
import type { CheckResult, ErrorGroup, Layer, Reason } from '../report.ts';

export interface CheckContext extends Ports {
  /** Aborts when the check's own limit or the whole budget is used up. */
  signal: AbortSignal;
  /** Aborts somewhat earlier: a check that ends then still counts, with what it has by then. */
  hurry: AbortSignal;
  window: { from: Date; to: Date };
  /** The settings the running bot uses. Throws unless the check needs `cfg.schema`. */
  cfg: Settings;
  /** True when the person asked for this very check, so nothing remembered may answer. */
  asked: boolean;
  /** The result of a check named in `needs` or `after`. */
  dep(id: string): CheckResult;
  /** Counts a call to somebody else's server, for the report. */
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
  id: string;
  title: string;
  layer: Layer;
  /** Checks that must be ok or warn first; anything else skips this one. */
  needs: string[];
  /** Checks whose result is read, whatever it is. */
  after?: string[];
  /** Without its answer the bot cannot be called healthy. */
  critical: boolean;
  /** How much of the service stops when it fails; 100 for critical checks and 10 for others unless said. */
  weight?: number;
  timeoutMs: number;
  /** `fail` where silence is itself the fault. */
  onTimeout: 'fail' | 'unknown';
  declares: FactKey[];
  /** True, or the reason why there is nothing to check. */
  applies?(cfg: Settings): true | { reason: 'not_applicable' | 'not_configured'; why: string };
  run(ctx: CheckContext): Promise<CheckOutcome>;
}

/** The weight a failed check has when causes compete for explaining it. */
export function weightOf(check: Check): number {
  return check.weight ?? (check.critical ? 100 : 10);
}
