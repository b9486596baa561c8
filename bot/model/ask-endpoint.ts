// Calls one endpoint through a circuit breaker, with at most one retry within a budget, and reports each call.
import { setTimeout as wait } from 'node:timers/promises';
import type { InferenceOutcome } from '../domain/inference.ts';
import {
  type CallOptions,
  type CallResult,
  callEndpoint,
  type Endpoint,
  type LearnedBehaviour,
} from './call-endpoint.ts';
import { type CircuitBreaker, createCircuitBreaker } from './circuit-breaker.ts';
import { isFailureOfEndpoint, RejectedOptionError, retryDelay, toModelError } from './failures.ts';
import { ModelError, type ModelRequest } from './model.ts';
import type { RequestOption } from './options.ts';
import { createRetryBudget, type RetryBudget } from './retry-budget.ts';
import { mayThinkUnopened } from './thoughts/unopened.ts';

/** Result of one call of one endpoint. Durations in seconds. */
export interface InferenceReport extends Partial<Omit<CallResult, 'text'>> {
  /** Label of the endpoint. */
  model: string;
  /** Trace id of the request. */
  traceId?: string | undefined;
  outcome: InferenceOutcome;
  /** Missing if the endpoint was not called because its circuit is open. */
  durationSeconds?: number;
  error?: ModelError;
}

export interface AskOptions extends Omit<CallOptions, 'timeoutMs' | 'behaviour'> {
  report: (report: InferenceReport) => void;
  /** Milliseconds. The circuit breaker measures its pauses with it. */
  clock?: () => number;
  random?: () => number;
}

export interface ProtectedEndpoint {
  /** Resolves with the answer or the error. Rejects if the signal of the request aborts, and with unexpected errors. */
  ask(endpoint: Endpoint, request: ModelRequest, deadline: number): Promise<string | ModelError>;
}

/**
 * Keeps the circuit, the retry budget and the learned behaviour of one endpoint. Deadlines are times of
 * `performance.now()`.
 */
export function createProtectedEndpoint(options: AskOptions, onCircuit: (open: boolean) => void): ProtectedEndpoint {
  const { report, clock = () => performance.now(), random = Math.random } = options;
  const state: EndpointState = {
    breaker: createCircuitBreaker({ clock, onChange: onCircuit }),
    budget: createRetryBudget(),
    behaviours: new Map(),
  };
  return {
    async ask(endpoint, request, deadline) {
      const rejection = state.breaker.rejection();
      if (rejection) {
        report({ model: endpoint.label, traceId: request.traceId, outcome: 'failure', error: rejection });
        return rejection;
      }
      state.budget.recordCall();
      const watched = watchStreaming(request);
      const first = await callWithoutRejectedOptions(options, state, { endpoint, request: watched.request, deadline });
      if (!(first instanceof ModelError) || watched.hasStreamed()) return first;
      const delay = retryDelay(first, random);
      if (delay === undefined || performance.now() + delay >= deadline || !state.budget.tryRetry()) return first;
      await wait(delay, undefined, { signal: request.signal, ref: false });
      if (state.breaker.rejection()) return first;
      return call(options, state, { endpoint, request, deadline });
    },
  };
}

interface EndpointState {
  breaker: CircuitBreaker;
  budget: RetryBudget;
  /** Keyed by model name. */
  behaviours: Map<string, LearnedBehaviour>;
}

function behaviourOf({ behaviours }: EndpointState, model: string): LearnedBehaviour {
  const known = behaviours.get(model) ?? { rejectedOptions: new Set(), thinksUnopened: mayThinkUnopened(model) };
  behaviours.set(model, known);
  return known;
}

/**
 * Repeats a call without each option that the endpoint rejects. Later calls omit the option from the start. If the
 * repeated call is rejected too, later calls send the option again, because the cause was another one and some models
 * need the option.
 */
async function callWithoutRejectedOptions(
  options: AskOptions,
  state: EndpointState,
  asked: EndpointCall,
): Promise<string | ModelError> {
  const { rejectedOptions } = behaviourOf(state, asked.endpoint.model);
  const newlyRejected: RequestOption[] = [];
  // Concurrent calls share `rejectedOptions`, so each call compares with the options that it omitted itself.
  let omitted = new Set(rejectedOptions);
  let result = await call(options, state, asked);
  while (result instanceof RejectedOptionError && performance.now() < asked.deadline) {
    const { option } = result;
    if (omitted.has(option) || newlyRejected.includes(option)) break;
    rejectedOptions.add(option);
    newlyRejected.push(option);
    omitted = new Set(rejectedOptions);
    result = await call(options, state, asked);
  }
  const isRejected = result instanceof ModelError && result.class === 'bad_request';
  if (isRejected || result instanceof RejectedOptionError)
    for (const option of newlyRejected) rejectedOptions.delete(option);
  return result;
}

/** Records whether `onText` received a part of the answer. After that, a retry would repeat text. */
function watchStreaming(request: ModelRequest): { request: ModelRequest; hasStreamed: () => boolean } {
  const { onText } = request;
  if (!onText) return { request, hasStreamed: () => false };
  let hasStreamed = false;
  const forward = (text: string) => {
    hasStreamed = true;
    onText(text);
  };
  return { request: { ...request, onText: forward }, hasStreamed: () => hasStreamed };
}

interface EndpointCall {
  endpoint: Endpoint;
  request: ModelRequest;
  deadline: number;
}

async function call(
  { http, silenceMs, endMs, report }: AskOptions,
  state: EndpointState,
  { endpoint, request, deadline }: EndpointCall,
): Promise<string | ModelError> {
  const start = performance.now();
  const seconds = () => (performance.now() - start) / 1000;
  const called = { model: endpoint.label, traceId: request.traceId };
  const { breaker } = state;
  try {
    const timeoutMs = Math.max(1, deadline - start);
    const behaviour = behaviourOf(state, endpoint.model);
    const { text, ...facts } = await callEndpoint(endpoint, request, { http, behaviour, silenceMs, endMs, timeoutMs });
    breaker.recordResponse();
    report({ ...called, outcome: 'success', durationSeconds: seconds(), ...facts });
    return text;
  } catch (thrown) {
    const error = request.signal.aborted ? undefined : toModelError(thrown);
    if (!error) {
      breaker.recordCancellation();
      throw thrown;
    }
    if (isFailureOfEndpoint(error)) breaker.recordFailure(error);
    else breaker.recordResponse();
    report({ ...called, outcome: 'failure', durationSeconds: seconds(), error });
    return error;
  }
}
