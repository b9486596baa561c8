// Asks one endpoint under its protection: circuit breaker, one retry within a budget, and a report of each call.
import { setTimeout as wait } from 'node:timers/promises';
import type { InferenceOutcome } from '../domain/inference.ts';
import { type CallOptions, type CallResult, callEndpoint, type Endpoint, type Habits } from './call-endpoint.ts';
import { type CircuitBreaker, createCircuitBreaker } from './circuit-breaker.ts';
import { isFailureOfEndpoint, RejectedParameterError, retryDelay, toModelError } from './failures.ts';
import { ModelError, type ModelRequest } from './model.ts';
import type { OptionalParameter } from './options.ts';
import { createRetryBudget, type RetryBudget } from './retry-budget.ts';
import { mayThinkUnopened } from './thoughts/unopened.ts';

/** What happened in one call of one endpoint. Durations in seconds. */
export interface InferenceReport extends Partial<Omit<CallResult, 'text'>> {
  /** The endpoint's label. */
  model: string;
  outcome: InferenceOutcome;
  /** Missing when the endpoint was not asked because its circuit is open. */
  durationSeconds?: number;
  error?: ModelError;
}

export interface AskOptions extends Omit<CallOptions, 'timeoutMs' | 'habits'> {
  report: (report: InferenceReport) => void;
  /** Milliseconds; for the pauses of the circuit breaker. */
  clock?: () => number;
  random?: () => number;
}

export interface AskedEndpoint {
  /** Resolves with the answer or the error; rejects only when the request's signal gave it up. */
  ask(endpoint: Endpoint, request: ModelRequest, deadline: number): Promise<string | ModelError>;
}

/** Keeps what is known of one endpoint. Deadlines are times of `performance.now()`. */
export function createAskedEndpoint(options: AskOptions, onCircuit: (open: boolean) => void): AskedEndpoint {
  const { report, clock = () => performance.now(), random = Math.random } = options;
  const guards: Guards = {
    breaker: createCircuitBreaker({ clock, onChange: onCircuit }),
    budget: createRetryBudget(),
    habits: new Map(),
  };
  return {
    async ask(endpoint, request, deadline) {
      const refused = guards.breaker.refuses();
      if (refused) {
        report({ model: endpoint.label, outcome: 'failure', error: refused });
        return refused;
      }
      guards.budget.earn();
      const shown = watchText(request);
      const first = await callWithKnownOptions(options, guards, { endpoint, request: shown.request, deadline });
      if (!(first instanceof ModelError) || shown.any()) return first;
      const delay = retryDelay(first, random);
      if (delay === undefined || performance.now() + delay >= deadline || !guards.budget.spend()) return first;
      await wait(delay, undefined, { signal: request.signal, ref: false });
      if (guards.breaker.refuses()) return first;
      return call(options, guards, { endpoint, request, deadline });
    },
  };
}

interface Guards {
  breaker: CircuitBreaker;
  budget: RetryBudget;
  /** Keyed by the name of the model. */
  habits: Map<string, Habits>;
}

function habitsOf({ habits }: Guards, model: string): Habits {
  const known = habits.get(model) ?? { leftOut: new Set(), thinksUnopened: mayThinkUnopened(model) };
  habits.set(model, known);
  return known;
}

/**
 * Repeats a call without each option that the endpoint rejects. Later calls leave the option out from the start, unless
 * the repeated call is rejected as well: then the cause was another one, and some models need the option.
 */
async function callWithKnownOptions(options: AskOptions, guards: Guards, asked: Call): Promise<string | ModelError> {
  const { leftOut } = habitsOf(guards, asked.endpoint.model);
  const tried: OptionalParameter[] = [];
  // Calls at the same time share `leftOut`, so each compares with what it sent itself.
  let notSent = new Set(leftOut);
  let result = await call(options, guards, asked);
  while (result instanceof RejectedParameterError && performance.now() < asked.deadline) {
    const { option } = result;
    if (notSent.has(option) || tried.includes(option)) break;
    leftOut.add(option);
    tried.push(option);
    notSent = new Set(leftOut);
    result = await call(options, guards, asked);
  }
  const isRejected = result instanceof ModelError && result.class === 'bad_request';
  if (isRejected || result instanceof RejectedParameterError) for (const option of tried) leftOut.delete(option);
  return result;
}

/** Notes whether anybody has been told a part of the answer. */
function watchText(request: ModelRequest): { request: ModelRequest; any: () => boolean } {
  const { onText } = request;
  if (!onText) return { request, any: () => false };
  let told = false;
  const tell = (text: string) => {
    told = true;
    onText(text);
  };
  return { request: { ...request, onText: tell }, any: () => told };
}

interface Call {
  endpoint: Endpoint;
  request: ModelRequest;
  deadline: number;
}

async function call(
  { http, silenceMs, endMs, report }: AskOptions,
  guards: Guards,
  { endpoint, request, deadline }: Call,
): Promise<string | ModelError> {
  const start = performance.now();
  const seconds = () => (performance.now() - start) / 1000;
  const model = endpoint.label;
  const { breaker } = guards;
  try {
    const timeoutMs = Math.max(1, deadline - start);
    const habits = habitsOf(guards, endpoint.model);
    const { text, ...facts } = await callEndpoint(endpoint, request, { http, habits, silenceMs, endMs, timeoutMs });
    breaker.answered();
    report({ model, outcome: 'success', durationSeconds: seconds(), ...facts });
    return text;
  } catch (thrown) {
    const error = request.signal.aborted ? undefined : toModelError(thrown);
    if (!error) {
      breaker.abandoned();
      throw thrown;
    }
    if (isFailureOfEndpoint(error)) breaker.failed(error);
    else breaker.answered();
    report({ model, outcome: 'failure', durationSeconds: seconds(), error });
    return error;
  }
}
