// Runs the checks as one graph: all roots at the same time, a result for every check, within the time budget.
import type { Settings } from '../../../bot/config/settings.ts';
import { withTimeLimit } from '../../../bot/runtime/with-time-limit.ts';
import { plainError } from '../../process/plain-error.ts';
import type { Ports } from '../ports/ports.ts';
import type { CheckResult, ErrorGroup, Fact } from '../report.ts';
import type { Check, CheckContext, CheckOutcome } from './check.ts';

/** Default of `--budget-ms` in milliseconds. The time limits of the checks fit this budget. */
export const STANDARD_BUDGET_MS = 10_000;

export interface RunOptions {
  /** Ordered: every check is listed after the checks that it waits for. */
  checks: Check[];
  /** Undefined if the settings are invalid. Checks that use settings need `cfg.schema`, which then fails. */
  cfg: Settings | undefined;
  ports: Ports;
  window: { from: Date; to: Date };
  /** Milliseconds for all checks together. A budget above the standard one also raises the limit of each check. */
  budgetMs: number;
  /** Ends the run early. Checks that have not ended become unknown. */
  signal?: AbortSignal;
  /** Ids of the selected checks. The checks that they need run too. Undefined means all. */
  only?: string[];
  /** Called with the ids of the running checks whenever one starts or ends. */
  onChange?: (outstanding: string[]) => void;
}

export interface RunResult {
  checks: CheckResult[];
  errorGroups: ErrorGroup[];
  externalCalls: Record<string, number>;
  exhausted: boolean;
}

/**
 * Runs the checks and returns a result for each. If a check throws, its result is unknown.
 *
 * @throws `Error` if the list of checks is wrong: two with the same id, or one that waits for a later one.
 */
export async function runChecks(options: RunOptions): Promise<RunResult> {
  assertOrder(options.checks);
  const selected = select(options.checks, options.only);
  const budget = new AbortController();
  // This timer keeps the process alive, so that the run ends with a report even if no handle is open.
  const timer = setTimeout(() => budget.abort(), options.budgetMs);
  const giveUp = () => budget.abort();
  options.signal?.addEventListener('abort', giveUp);
  if (options.signal?.aborted) giveUp();
  const results = new Map<string, Promise<CheckResult>>();
  const outstanding = new Set<string>();
  const errorGroups: ErrorGroup[] = [];
  const externalCalls: Record<string, number> = {};

  const start = async (check: Check): Promise<CheckResult> => {
    const timing = { startedAt: new Date(options.ports.clock.now()), began: performance.now() };
    const outcome = await settle(check, timing);
    errorGroups.push(...(outcome.errorGroups ?? []));
    return toResult(check, outcome, { startedAt: timing.startedAt, ms: performance.now() - timing.began });
  };

  const settle = async (check: Check, timing: Timing): Promise<CheckOutcome & { becauseOf?: string }> => {
    if (!selected.has(check.id)) return { status: 'skip', reason: 'not_selected', summary: 'not selected' };
    const applies = options.cfg && check.applies?.(options.cfg);
    if (applies && applies !== true) return { status: 'skip', reason: applies.reason, summary: applies.why };
    const needed = await Promise.all(check.needs.map((id) => resultOf(results, id)));
    const broken = needed.find((result) => result.status !== 'ok' && result.status !== 'warn');
    if (broken) return skippedBy(broken);
    const before = await Promise.all((check.after ?? []).map((id) => resultOf(results, id)));
    if (budget.signal.aborted) return outOfBudget(options);
    // Starts the clock now, so that the time of the check does not include the wait for other checks.
    Object.assign(timing, { startedAt: new Date(options.ports.clock.now()), began: performance.now() });
    outstanding.add(check.id);
    options.onChange?.([...outstanding]);
    try {
      return await runWithLimit(check, {
        options,
        budget: budget.signal,
        known: [...needed, ...before],
        externalCalls,
      });
    } finally {
      outstanding.delete(check.id);
      options.onChange?.([...outstanding]);
    }
  };

  for (const check of options.checks) results.set(check.id, start(check));
  const checks = await Promise.all(results.values());
  clearTimeout(timer);
  options.signal?.removeEventListener('abort', giveUp);
  errorGroups.sort((a, b) => (a.id < b.id ? -1 : 1));
  return { checks, errorGroups, externalCalls, exhausted: budget.signal.aborted };
}

interface Timing {
  startedAt: Date;
  began: number;
}

interface LimitedRun {
  options: RunOptions;
  budget: AbortSignal;
  known: CheckResult[];
  externalCalls: Record<string, number>;
}

/** Runs a check within its time limit. At the limit its signal aborts too, so that the check closes its sockets. */
async function runWithLimit(
  check: Check,
  { options, budget, known, externalCalls }: LimitedRun,
): Promise<CheckOutcome> {
  const limitMs = check.timeoutMs * limitFactor(options);
  const timedOut = (): CheckOutcome =>
    budget.aborted
      ? outOfBudget(options)
      : { status: check.onTimeout, reason: 'timeout', code: 'TIMEOUT', summary: `no answer in ${limitMs} ms` };
  return await withTimeLimit(budget, limitMs, async (signal) => {
    const aborted = new Promise<CheckOutcome>((resolve) => {
      signal.addEventListener('abort', () => resolve(timedOut()), { once: true });
    });
    try {
      return await withTimeLimit(signal, limitMs * HURRY_SHARE, (hurry) => {
        const context = createContext({ check, options, signal, hurry, known, externalCalls });
        return Promise.race([Promise.resolve(check.run(context)).then(declaredOnly(check)), aborted]);
      });
    } catch (error) {
      if (signal.aborted) return timedOut();
      const { code, message } = plainError(error);
      return { status: 'unknown', reason: 'crash', code, summary: `the check itself failed: ${message}` };
    }
  });
}

/** Returns the factor for the limits of a check and its calls. `--budget-ms` raises it for slow machines. */
function limitFactor({ budgetMs }: RunOptions): number {
  return Math.max(1, budgetMs / STANDARD_BUDGET_MS);
}

function portsWithScaledLimits(options: RunOptions): Pick<Ports, 'http' | 'local' | 'net'> {
  const { http, local, net } = options.ports;
  const scaled = <L extends { timeoutMs: number }>(limits: L): L => ({
    ...limits,
    timeoutMs: limits.timeoutMs * limitFactor(options),
  });
  return {
    http: { ...http, request: (request) => http.request(scaled(request)) },
    local: { ...local, request: (request) => local.request(scaled(request)) },
    net: {
      ...net,
      connect: (endpoint, limits) => net.connect(endpoint, scaled(limits)),
      handshake: (endpoint, limits) => net.handshake(endpoint, scaled(limits)),
    },
  };
}

interface ContextOptions {
  check: Check;
  options: RunOptions;
  signal: AbortSignal;
  hurry: AbortSignal;
  known: CheckResult[];
  externalCalls: Record<string, number>;
}

/** Share of a check's time after which `hurry` aborts. */
const HURRY_SHARE = 0.75;

function createContext({ check, options, signal, hurry, known, externalCalls }: ContextOptions): CheckContext {
  return {
    ...options.ports,
    ...portsWithScaledLimits(options),
    signal,
    hurry,
    window: options.window,
    asked: options.only?.includes(check.id) ?? false,
    get cfg(): Settings {
      if (!options.cfg) throw new Error(`${check.id} reads the settings but does not need cfg.schema`);
      return options.cfg;
    },
    dep(id) {
      const result = known.find((entry) => entry.id === id);
      if (!result) throw new Error(`${check.id} reads ${id} without naming it in needs or after`);
      return result;
    },
    countCall(platform) {
      externalCalls[platform] = (externalCalls[platform] ?? 0) + 1;
    },
  };
}

/** Rejects facts that the check does not declare, because tests compare the facts of rules with the declared ones. */
function declaredOnly(check: Check): (outcome: CheckOutcome) => CheckOutcome {
  return (outcome) => {
    const known: string[] = check.declares;
    const undeclared = Object.keys(outcome.facts ?? {}).find((key) => !known.includes(key));
    if (undeclared) throw new Error(`${check.id} emits ${undeclared} without declaring it`);
    return outcome;
  };
}

function toResult(
  check: Check,
  outcome: CheckOutcome & { becauseOf?: string },
  { startedAt, ms }: { startedAt: Date; ms: number },
): CheckResult {
  const at = startedAt.toISOString();
  const evidence: Fact['evidence'] = { source: 'probe', ref: check.id, at, quote: outcome.summary };
  const { status, code, reason, becauseOf, summary } = outcome;
  return {
    id: check.id,
    title: check.title,
    layer: check.layer,
    critical: check.critical,
    status,
    ...(code === undefined ? {} : { code }),
    summary,
    startedAt: at,
    ms: Math.round(ms),
    ...(reason === undefined ? {} : { reason }),
    ...(becauseOf === undefined ? {} : { becauseOf }),
    facts: Object.entries(outcome.facts ?? {}).flatMap(([key, value]) =>
      value === undefined ? [] : [{ key, value, evidence }],
    ),
  };
}

/** Returns a skip that names the root cause. If the root does not apply, this check does not apply either. */
function skippedBy(broken: CheckResult): CheckOutcome & { becauseOf: string } {
  const becauseOf = broken.becauseOf ?? broken.id;
  const doesNotApply = broken.reason === 'not_applicable' || broken.reason === 'not_configured';
  const reason = doesNotApply ? (broken.reason ?? 'prerequisite') : 'prerequisite';
  return { status: 'skip', reason, becauseOf, summary: doesNotApply ? broken.summary : `needs ${becauseOf}` };
}

function outOfBudget({ budgetMs, signal }: RunOptions): CheckOutcome {
  if (signal?.aborted)
    return { status: 'unknown', reason: 'crash', code: 'CRASH', summary: 'the run was stopped early' };
  return { status: 'unknown', reason: 'budget', code: 'BUDGET', summary: `not finished within ${budgetMs} ms` };
}

function resultOf(results: Map<string, Promise<CheckResult>>, id: string): Promise<CheckResult> {
  const result = results.get(id);
  if (!result) throw new Error(`no check is called ${id}`);
  return result;
}

function select(checks: Check[], only: string[] | undefined): Set<string> {
  if (!only) return new Set(checks.map((check) => check.id));
  const selected = new Set(only);
  // Prerequisites are earlier in the list, so one backward pass finds all of them.
  for (const check of [...checks].reverse()) {
    if (selected.has(check.id)) for (const id of check.needs) selected.add(id);
  }
  return selected;
}

/** Throws if a check waits for a later one, so that a cycle is impossible. */
function assertOrder(checks: Check[]): void {
  const seen = new Set<string>();
  for (const check of checks) {
    for (const id of [...check.needs, ...(check.after ?? [])]) {
      if (!seen.has(id)) throw new Error(`${check.id} waits for ${id}, which is not listed before it`);
    }
    if (seen.has(check.id)) throw new Error(`two checks are called ${check.id}`);
    seen.add(check.id);
  }
}
