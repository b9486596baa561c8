// One call of one endpoint of the OpenAI-compatible kind.
import type { HttpClient } from '../outgoing/http-client.ts';
import type { ModelEndpoint } from '../telemetry/names.ts';
import { refusal } from './failures.ts';
import { ModelError, type ModelRequest } from './model.ts';
import { readAnswer } from './read-answer.ts';
import { watchSilence } from './silence.ts';
import { estimateTokens } from './tokens.ts';
import { withCutOffRemark } from './words.ts';

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

export interface CallOptions {
  http: HttpClient;
  /** For the whole call. */
  timeoutMs: number;
  /** For any time without a sign of life, the first one included. */
  silenceMs: number;
}

export interface CallResult {
  text: string;
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
  { http, timeoutMs, silenceMs }: CallOptions,
): Promise<CallResult> {
  const start = performance.now();
  const watch = watchSilence(request.signal, silenceMs);
  let firstTokenSeconds: number | undefined;
  try {
    const stream = await http.stream({ ...wireRequest(endpoint, request), timeoutMs, signal: watch.signal });
    if (stream.status !== 200) throw await refusal(stream);
    const answer = await readAnswer(stream, ({ text }, grew) => {
      watch.heard();
      if (!grew) return;
      firstTokenSeconds ??= (performance.now() - start) / 1000;
      request.onText?.(text);
    });
    const isCutOff = answer.finish === 'length' && answer.text !== '';
    return {
      text: isCutOff ? withCutOffRemark(answer.text) : answer.text,
      promptTokens: answer.promptTokens ?? promptEstimate(request),
      completionTokens: answer.completionTokens ?? estimateTokens(answer.text),
      ...(firstTokenSeconds === undefined ? {} : { firstTokenSeconds }),
    };
  } catch (error) {
    if (!watch.tooLong()) throw error;
    const when = firstTokenSeconds === undefined ? 'did not begin to answer' : 'fell silent';
    throw new ModelError('timeout', 'SILENT', `The model ${when} within ${silenceMs} ms.`, error);
  } finally {
    watch.stop();
  }
}

function wireRequest({ baseUrl, model, apiKey, space }: Endpoint, { system, messages }: ModelRequest) {
  return {
    url: `${baseUrl}/chat/completions`,
    headers: {
      accept: 'text/event-stream',
      ...(apiKey ? { authorization: `Bearer ${apiKey}` } : {}),
      ...(space ? { 'x-dashscope-workspace': space } : {}),
    },
    json: {
      model,
      messages: system ? [{ role: 'system', content: system }, ...messages] : messages,
      stream: true,
      stream_options: { include_usage: true },
    },
    // A streamed token is a few hundred bytes of JSON, so the largest answers of today stay well below.
    maxBytes: 64 * 1024 * 1024,
  };
}

function promptEstimate({ system = '', messages }: ModelRequest): number {
  return messages.reduce((sum, { content }) => sum + estimateTokens(content), estimateTokens(system));
}
