// Makes one call of an OpenAI-compatible endpoint.

import type { ModelEndpoint } from '../domain/inference.ts';
import type { HttpClient } from '../http-client/http-client.ts';
import { LONGEST_CALL } from './bounds.ts';
import { withCutOffRemark } from './failure-messages.ts';
import { errorOfResponse } from './failures.ts';
import { kindOfFinish, reasonForLog } from './finish-reasons.ts';
import { ModelError, type ModelRequest } from './model.ts';
import { optionsOf, type RequestOption } from './options.ts';
import { readAnswer } from './read-answer.ts';
import { watchSilence } from './silence.ts';
import { estimateTokens } from './tokens.ts';

export interface Endpoint {
  id: ModelEndpoint;
  /** Value of the metric label `model` for calls of this endpoint. */
  label: string;
  /** URL without `/chat/completions`. */
  baseUrl: string;
  /** Name of the model in the request. */
  model: string;
  apiKey?: string | undefined;
  /** Workspace at the provider, sent as `X-DashScope-WorkSpace`. */
  space?: string | undefined;
}

/** Behaviour of a model behind an endpoint, learned from its responses. Kept until the process ends. */
export interface LearnedBehaviour {
  /** Options that the endpoint rejects. They are omitted from requests. */
  rejectedOptions: Set<RequestOption>;
  /** True if answers begin with reasoning that has no opening mark. */
  thinksUnopened: boolean;
}

export interface CallOptions {
  http: HttpClient;
  behaviour: LearnedBehaviour;
  /** Maximum time of the call. */
  timeoutMs: number;
  /** Maximum time without a received byte, also before the first byte. Comments and blank lines reset it. */
  silenceMs: number;
  /** Maximum time after the answer for by-products such as usage. */
  endMs?: number | undefined;
}

export interface CallResult {
  text: string;
  /** Finish reason, if it is neither the usual end nor a length limit. */
  finish?: string;
  /** Count of the endpoint, or an estimate if the endpoint sent none. */
  promptTokens: number;
  completionTokens: number;
  /** Missing if the answer was empty. */
  firstTokenSeconds?: number;
}

/** Calls the endpoint and returns its answer. Throws `ModelError`, or the error of the HTTP client. */
export async function callEndpoint(
  endpoint: Endpoint,
  request: ModelRequest,
  { http, behaviour, timeoutMs, silenceMs, endMs }: CallOptions,
): Promise<CallResult> {
  const start = performance.now();
  const watch = watchSilence(request.signal, silenceMs, endMs);
  let firstTokenSeconds: number | undefined;
  try {
    const call = wireRequest(endpoint, request, behaviour);
    const stream = await http.stream({ ...call, timeoutMs, signal: watch.signal });
    const { hostname: host } = new URL(call.url);
    if (stream.status < 200 || stream.status > 299) throw await errorOfResponse(stream, host);
    const answer = await readAnswer(stream, {
      host,
      expectUnopened: behaviour.thinksUnopened,
      onActivity: watch.recordActivity,
      onComplete: watch.recordAnswerEnd,
      onText: (text) => {
        firstTokenSeconds ??= (performance.now() - start) / 1000;
        request.onText?.(text);
      },
    });
    behaviour.thinksUnopened ||= answer.thinksUnopened;
    return {
      text: answer.isCut && answer.text.trim() !== '' ? withCutOffRemark(answer.text) : answer.text,
      promptTokens: answer.promptTokens ?? promptEstimate(request),
      completionTokens: answer.completionTokens ?? estimateTokens(answer.text),
      ...(firstTokenSeconds === undefined ? {} : { firstTokenSeconds }),
      ...unusualFinish(answer.finish),
    };
  } catch (error) {
    // If the response was read before the timeout, keep its error, because it names the cause.
    if (!watch.isTimedOut() || error instanceof ModelError) throw error;
    const problem = firstTokenSeconds === undefined ? 'did not start to answer within' : 'sent no data for';
    throw new ModelError('timeout', 'SILENT', `The model ${problem} ${silenceMs} ms.`, error);
  } finally {
    watch.stop();
  }
}

function unusualFinish(reason: string | undefined): Pick<CallResult, 'finish'> {
  const kind = kindOfFinish(reason);
  return kind === 'other' || kind === 'tools' ? { finish: reasonForLog(reason) } : {};
}

function wireRequest(
  { baseUrl, model, apiKey, space }: Endpoint,
  request: ModelRequest,
  { rejectedOptions }: LearnedBehaviour,
) {
  return {
    url: `${baseUrl}/chat/completions`,
    headers: {
      accept: rejectedOptions.has('stream') ? 'application/json' : 'text/event-stream',
      ...(apiKey ? { authorization: `Bearer ${apiKey}` } : {}),
      ...(space ? { 'x-dashscope-workspace': space } : {}),
    },
    json: { model, ...optionsOf(request, rejectedOptions) },
    maxBytes: LONGEST_CALL,
  };
}

function promptEstimate({ system = '', messages }: ModelRequest): number {
  return messages.reduce((sum, { content }) => sum + estimateTokens(content), estimateTokens(system));
}
