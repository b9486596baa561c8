// Runs the checks as one graph: all roots at once, every check in the answer, nothing past the budget.
import type { Settings } from '../../../bot/config/settings.ts';
import { plainError } from '../../process/plain-error.ts';
import type { Ports } from '../ports/ports.ts';
import type { CheckResult, ErrorGroup, Fact } from '../report.ts';
import type { Check, CheckContext, CheckOutcome } from './check.ts';

/** The default of `--budget-ms`, for which the limits of the checks are made. */
export const STANDARD_BUDGET_MS = 10_000;

export interface RunOptions {
  /** In an order in which every check stands after those it needs. */
  checks: Check[];
  /** Undefined when the settings could not be read; checks that use them need `cfg.schema`, which then fails. */
  cfg: Settings | undefined;
  ports: Ports;
  window: { from: Date; to: Date };
  /** Milliseconds for all checks together. More than the standard budget lengthens the limits of each check as well. */
  budgetMs: number;
  /** Ends the run early: checks that have not ended become unknown. */
  signal?: AbortSignal;
  /** Ids asked for; those they need run too. Undefined means all. */
  only?: string[];
  /** Told the ids still outstanding whenever one starts or ends. */
  onChange?: (outstanding: string[]) => void;
}

export interface RunResult {
  checks: CheckResult[];
  errorGroups: ErrorGroup[];
  externalCalls: Record<string, number>;
  exhausted: boolean;
}

/** Never rejects because of a check: what a check throws becomes its result. */
export async function runChecks(options: RunOptions): Promise<RunResult> {
  assertOrder(options.checks);
  const selected = select(options.checks, options.only);
  const budget = new AbortController();
  // This timer holds the process open, so a run in which nothing else does still ends with a report.
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
    if (!selected.has(check.id)) return { status: 'skip', reason: 'not_selected', summary: 'not asked for' };
    const refusal = options.cfg && check.applies?.(options.cfg);
    if (refusal && refusal !== true) return { status: 'skip', reason: refusal.reason, summary: refusal.why };
    const needed = await Promise.all(check.needs.map((id) => resultOf(results, id)));
    const broken = needed.find((result) => result.status !== 'ok' && result.status !== 'warn');
    if (broken) return skippedBy(broken);
    const before = await Promise.all((check.after ?? []).map((id) => resultOf(results, id)));
    if (budget.signal.aborted) return outOfBudget(options);
    // Waiting for others is not this check's time.
    Object.assign(timing, { startedAt: new Date(options.ports.clock.now()), began: performance.now() });
    outstanding.add(check.id);
    options.onChange?.([...outstanding]);
    try {
      return await attempt(check, { options, budget: budget.signal, known: [...needed, ...before], externalCalls });
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

interface Attempt {
  options: RunOptions;
  budget: AbortSignal;
  known: CheckResult[];
  externalCalls: Record<string, number>;
}

/** One run within the check's limit: raced against the limit and told about it, so that sockets are closed too. */
async function attempt(check: Check, { options, budget, known, externalCalls }: Attempt): Promise<CheckOutcome> {
  const limit = new AbortController();
  const limitMs = check.timeoutMs * patienceOf(options);
  const timer = setTimeout(() => limit.abort(), limitMs);
  const signal = AbortSignal.any([budget, limit.signal]);
  const late = (): CheckOutcome =>
    budget.aborted
      ? outOfBudget(options)
      : { status: check.onTimeout, reason: 'timeout', code: 'TIMEOUT', summary: `no answer in ${limitMs} ms` };
  const aborted = new Promise<CheckOutcome>((resolve) => {
    signal.addEventListener('abort', () => resolve(late()), { once: true });
  });
  try {
    const context = createContext({ check, options, signal, limitMs, known, externalCalls });
    return await Promise.race([Promise.resolve(check.run(context)).then(declaredOnly(check)), aborted]);
  } catch (error) {
    if (signal.aborted) return late();
    const { code, message } = plainError(error);
    return { status: 'unknown', reason: 'crash', code, summary: `the check itself failed: ${message}` };
  } finally {
    clearTimeout(timer);
  }
}

/** Factor for the limits of one check and its calls: a slow machine gets a larger budget with `--budget-ms`. */
function patienceOf({ budgetMs }: RunOptions): number {
  return Math.max(1, budgetMs / STANDARD_BUDGET_MS);
}

function patientPorts(options: RunOptions): Pick<Ports, 'http' | 'local' | 'net'> {
  const { http, local, net } = options.ports;
  const patient = <L extends { timeoutMs: number }>(limits: L): L => ({
    ...limits,
    timeoutMs: limits.timeoutMs * patienceOf(options),
  });
  return {
    http: { ...http, request: (request) => http.request(patient(request)) },
    local: { ...local, request: (request) => local.request(patient(request)) },
    net: {
      ...net,
      connect: (endpoint, limits) => net.connect(endpoint, patient(limits)),
      handshake: (endpoint, limits) => net.handshake(endpoint, patient(limits)),
    },
  };
}

interface ContextOptions {
  check: Check;
  options: RunOptions;
  signal: AbortSignal;
  limitMs: number;
  known: CheckResult[];
  externalCalls: Record<string, number>;
}

/** Share of a check's time after which `hurry` aborts. */
const HURRY_SHARE = 0.75;

function createContext({ check, options, signal, limitMs, known, externalCalls }: ContextOptions): CheckContext {
  return {
    ...options.ports,
    ...patientPorts(options),
    signal,
    hurry: AbortSignal.any([signal, AbortSignal.timeout(Math.ceil(limitMs * HURRY_SHARE))]),
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

/** An undeclared fact would escape the tests that tie rules to checks. */
function declaredOnly(check: Check): (outcome: CheckOutcome) => CheckOutcome {
  return (outcome) => {
    const known: string[] = check.declares;
    const stray = Object.keys(outcome.facts ?? {}).find((key) => !known.includes(key));
    if (stray) throw new Error(`${check.id} emits ${stray} without declaring it`);
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

/** A skip names the root of it. Where the root has nothing to check, neither has this one. */
function skippedBy(broken: CheckResult): CheckOutcome & { becauseOf: string } {
  const becauseOf = broken.becauseOf ?? broken.id;
  const isIdle = broken.reason === 'not_applicable' || broken.reason === 'not_configured';
  const reason = isIdle ? (broken.reason ?? 'prerequisite') : 'prerequisite';
  return { status: 'skip', reason, becauseOf, summary: isIdle ? broken.summary : `needs ${becauseOf}` };
}

function outOfBudget({ budgetMs, signal }: RunOptions): CheckOutcome {
  if (signal?.aborted) return { status: 'unknown', reason: 'crash', code: 'CRASH', summary: 'the run was cut short' };
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
  // Needs stand earlier in the list, so one pass backwards finds them all.
  for (const check of [...checks].reverse()) {
    if (selected.has(check.id)) for (const id of check.needs) selected.add(id);
  }
  return selected;
}

/** A check may only wait for earlier ones: that makes a cycle impossible. */
function assertOrder(checks: Check[]): void {
  const seen = new Set<string>();
  for (const check of checks) {
    for (const id of [...check.needs, ...(check.after ?? [])]) {
      if (!seen.has(id)) throw new Error(`${check.id} waits for ${id}, which does not stand before it`);
    }
    if (seen.has(check.id)) throw new Error(`two checks are called ${check.id}`);
    seen.add(check.id);
  }
}
