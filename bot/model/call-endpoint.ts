// One call of one endpoint of the OpenAI-compatible kind.

import type { ModelEndpoint } from '../domain/inference.ts';
import type { HttpClient } from '../http-client/http-client.ts';
import { LONGEST_CALL } from './bounds.ts';
import { withCutOffRemark } from './failure-messages.ts';
import { refusal } from './failures.ts';
import { kindOfFinish, reasonForLog } from './finish-reasons.ts';
import { ModelError, type ModelRequest } from './model.ts';
import { type OptionalParameter, optionsOf } from './options.ts';
import { readAnswer } from './read-answer.ts';
import { watchSilence } from './silence.ts';
import { estimateTokens } from './tokens.ts';

export interface Endpoint {
  id: ModelEndpoint;
  /** The value of the label `model` for its calls. */
  label: string;
  /** Ends before `/chat/completions`. */
  baseUrl: string;
  /** Model to ask. */
  model: string;
  apiKey?: string | undefined;
  /** The provider's service space, sent as `X-DashScope-WorkSpace`. */
  space?: string | undefined;
}

/** Behaviour of a model behind an endpoint, learned from its answers. Kept until the process ends. */
export interface Habits {
  /** Options that the endpoint rejects. */
  leftOut: Set<OptionalParameter>;
  /** True if answers begin with reasoning that has no opening mark. */
  thinksUnopened: boolean;
}

export interface CallOptions {
  http: HttpClient;
  habits: Habits;
  /** For the whole call. */
  timeoutMs: number;
  /** Maximum time without a byte, before the first one too. Comments and blank lines reset it. */
  silenceMs: number;
  /** Maximum time for by-products, such as usage, after the answer. */
  endMs?: number | undefined;
}

export interface CallResult {
  text: string;
  /** Finish reason, if it is neither the usual end nor a length limit. */
  finish?: string;
  /** As the endpoint counted them, otherwise estimated. */
  promptTokens: number;
  completionTokens: number;
  /** Missing when the answer was empty. */
  firstTokenSeconds?: number;
}

/** Throws `ModelError`, or what the HTTP client threw. */
export async function callEndpoint(
  endpoint: Endpoint,
  request: ModelRequest,
  { http, habits, timeoutMs, silenceMs, endMs }: CallOptions,
): Promise<CallResult> {
  const start = performance.now();
  const watch = watchSilence(request.signal, silenceMs, endMs);
  let firstTokenSeconds: number | undefined;
  try {
    const wire = wireRequest(endpoint, request, habits);
    const stream = await http.stream({ ...wire, timeoutMs, signal: watch.signal });
    const { hostname: host } = new URL(wire.url);
    if (stream.status < 200 || stream.status > 299) throw await refusal(stream, host);
    const answer = await readAnswer(stream, {
      host,
      expectUnopened: habits.thinksUnopened,
      onLife: watch.heard,
      onComplete: watch.ending,
      onText: (text) => {
        firstTokenSeconds ??= (performance.now() - start) / 1000;
        request.onText?.(text);
      },
    });
    habits.thinksUnopened ||= answer.thinksUnopened;
    return {
      text: answer.isCut && answer.text.trim() !== '' ? withCutOffRemark(answer.text) : answer.text,
      promptTokens: answer.promptTokens ?? promptEstimate(request),
      completionTokens: answer.completionTokens ?? estimateTokens(answer.text),
      ...(firstTokenSeconds === undefined ? {} : { firstTokenSeconds }),
      ...unusualFinish(answer.finish),
    };
  } catch (error) {
    // An answer or a refusal that was read in spite of the silence has an error of its own.
    if (!watch.tooLong() || error instanceof ModelError) throw error;
    const when = firstTokenSeconds === undefined ? 'did not begin to answer' : 'fell silent';
    throw new ModelError('timeout', 'SILENT', `The model ${when} within ${silenceMs} ms.`, error);
  } finally {
    watch.stop();
  }
}

function unusualFinish(reason: string | undefined): Pick<CallResult, 'finish'> {
  const kind = kindOfFinish(reason);
  return kind === 'other' || kind === 'tools' ? { finish: reasonForLog(reason) } : {};
}

function wireRequest({ baseUrl, model, apiKey, space }: Endpoint, request: ModelRequest, { leftOut }: Habits) {
  return {
    url: `${baseUrl}/chat/completions`,
    headers: {
      accept: leftOut.has('stream') ? 'application/json' : 'text/event-stream',
      ...(apiKey ? { authorization: `Bearer ${apiKey}` } : {}),
      ...(space ? { 'x-dashscope-workspace': space } : {}),
    },
    json: { model, ...optionsOf(request, leftOut) },
    maxBytes: LONGEST_CALL,
  };
}

function promptEstimate({ system = '', messages }: ModelRequest): number {
  return messages.reduce((sum, { content }) => sum + estimateTokens(content), estimateTokens(system));
}
