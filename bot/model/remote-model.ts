// An OpenAI-compatible chat completions endpoint, streamed, with a second endpoint to fall back to.
import { createParser } from 'eventsource-parser';
import { z } from 'zod';
import type { ChatMessage } from '../conversation/sessions.ts';
import { parseJson } from '../json.ts';
import { OutgoingError } from '../outgoing/errors.ts';
import type { HttpClient, HttpStream } from '../outgoing/http-client.ts';
import { shorten } from '../outgoing/shorten.ts';
import type { InferenceErrorClass, InferenceOutcome } from '../telemetry/names.ts';
import { type Model, ModelError } from './model.ts';

/** What happened in one call of one endpoint. Durations in seconds. */
export interface InferenceReport {
  outcome: InferenceOutcome;
  durationSeconds: number;
  firstTokenSeconds?: number;
  promptTokens?: number;
  completionTokens?: number;
  error?: ModelError;
}

export interface RemoteModelOptions {
  name: string;
  /** Tried in this order. Each ends before `/chat/completions`. */
  baseUrls: string[];
  apiKey?: string;
  /** The provider's service space, sent as `X-DashScope-WorkSpace`. */
  space?: string;
  /** For one call of one endpoint, from the first step to the last token. */
  timeoutMs: number;
  http: HttpClient;
  report: (report: InferenceReport) => void;
}

/** Failures where another endpoint may do better; a refused request would be refused there as well. */
const worthFallback = new Set<InferenceErrorClass>([
  'network',
  'timeout',
  'rate_limited',
  'server_error',
  'stream_cut',
  'malformed_answer',
]);

export function createRemoteModel(options: RemoteModelOptions): Model {
  return {
    name: options.name,
    kind: 'remote',
    async complete({ messages, signal }) {
      let last: ModelError | undefined;
      for (const baseUrl of options.baseUrls) {
        const result = await callEndpoint(options, { baseUrl, messages, signal });
        if (!(result instanceof ModelError)) return result;
        last = result;
        if (!worthFallback.has(result.class)) break;
      }
      throw last ?? new ModelError('network', 'NO_ENDPOINT', 'No model endpoint is set: set MODEL_BASE_URL.');
    },
  };
}

interface Call {
  baseUrl: string;
  messages: ChatMessage[];
  signal: AbortSignal;
}

/** Reports the call and resolves with the answer or the error; rejects only when `signal` gave the call up. */
async function callEndpoint(options: RemoteModelOptions, call: Call): Promise<string | ModelError> {
  const start = performance.now();
  const seconds = () => (performance.now() - start) / 1000;
  try {
    const stream = await options.http.stream(requestOf(options, call));
    if (stream.status !== 200) throw await refusal(stream);
    const answer = await readAnswer(stream, seconds);
    options.report({ outcome: 'success', durationSeconds: seconds(), ...answer.facts });
    return answer.text;
  } catch (error) {
    if (call.signal.aborted) throw error;
    const modelError = toModelError(error);
    options.report({ outcome: 'failure', durationSeconds: seconds(), error: modelError });
    return modelError;
  }
}

function requestOf({ name, apiKey, space, timeoutMs }: RemoteModelOptions, { baseUrl, messages, signal }: Call) {
  return {
    url: `${baseUrl}/chat/completions`,
    headers: {
      accept: 'text/event-stream',
      ...(apiKey ? { authorization: `Bearer ${apiKey}` } : {}),
      ...(space ? { 'x-dashscope-workspace': space } : {}),
    },
    json: { model: name, messages, stream: true, stream_options: { include_usage: true } },
    timeoutMs,
    // A streamed token is a few hundred bytes of JSON, so the largest answers of today stay well below.
    maxBytes: 64 * 1024 * 1024,
    signal,
  };
}

const chunk = z.looseObject({
  choices: z.array(z.looseObject({ delta: z.looseObject({ content: z.string().nullish() }).optional() })).optional(),
  usage: z.looseObject({ prompt_tokens: z.number(), completion_tokens: z.number() }).nullish(),
  error: z.looseObject({ message: z.string().optional() }).nullish(),
});

interface StreamedAnswer {
  text: string;
  facts: Pick<InferenceReport, 'firstTokenSeconds' | 'promptTokens' | 'completionTokens'>;
}

/** A stream that ends without `[DONE]` was cut: half an answer is not passed off as one. */
async function readAnswer(stream: HttpStream, seconds: () => number): Promise<StreamedAnswer> {
  const answer: StreamedAnswer = { text: '', facts: {} };
  let done = false;
  const parser = createParser({
    onEvent({ data }) {
      if (data === '[DONE]') done = true;
      else takeChunk(answer, parseJson(data), seconds);
    },
  });
  for await (const text of stream.chunks) parser.feed(text);
  // Some servers leave out the empty line that ends the last event.
  parser.feed('\n\n');
  if (!done) throw new ModelError('stream_cut', 'NO_DONE', 'The model stopped in the middle of its answer.');
  return answer;
}

function takeChunk(answer: StreamedAnswer, json: unknown, seconds: () => number): void {
  const { data } = chunk.safeParse(json);
  if (!data)
    throw new ModelError('malformed_answer', 'NOT_A_CHUNK', 'The model sent something that is no completion chunk.');
  if (data.error) throw new ModelError('server_error', 'STREAM_ERROR', shorten(data.error.message));
  const text = data.choices?.[0]?.delta?.content ?? '';
  if (text !== '') answer.facts.firstTokenSeconds ??= seconds();
  answer.text += text;
  if (data.usage) {
    answer.facts.promptTokens = data.usage.prompt_tokens;
    answer.facts.completionTokens = data.usage.completion_tokens;
  }
}

const errorBody = z.looseObject({
  error: z.looseObject({ message: z.string().optional(), code: z.union([z.string(), z.number()]).nullish() }),
});

async function refusal(stream: HttpStream): Promise<ModelError> {
  let text = '';
  for await (const part of stream.chunks) text += part;
  const error = errorBody.safeParse(parseJson(text)).data?.error;
  const code = String(error?.code ?? `HTTP ${stream.status}`);
  return new ModelError(classOfStatus(stream.status, code), code, shorten(error?.message ?? text));
}

function classOfStatus(status: number, code: string): InferenceErrorClass {
  if (status === 401 || status === 403) return 'credentials';
  if (status === 402 || code.includes('quota') || code === 'Arrearage') return 'quota';
  if (status === 429) return 'rate_limited';
  if (status === 404) return 'model_not_found';
  if (code.includes('context_length')) return 'context_length';
  if (/content_filter|data_?inspection/i.test(code)) return 'content_filter';
  return status >= 500 ? 'server_error' : 'bad_request';
}

function toModelError(error: unknown): ModelError {
  if (error instanceof ModelError) return error;
  if (!(error instanceof OutgoingError)) throw error;
  const kind = error.kind === 'timeout' ? 'timeout' : error.kind === 'reset' ? 'stream_cut' : 'network';
  return new ModelError(kind, error.code, error.message, error);
}
