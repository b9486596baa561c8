// What a failed model call means: its class, whether to try again, and whether another endpoint may do better.
import { z } from 'zod';
import { parseJson } from '../json.ts';
import { OutgoingError, systemCode } from '../outgoing/errors.ts';
import type { HttpStream } from '../outgoing/http-client.ts';
import { shorten } from '../outgoing/shorten.ts';
import type { InferenceErrorClass } from '../telemetry/names.ts';
import { ModelError } from './model.ts';

/** Failures of the endpoint, whatever it was asked: these open its circuit. */
const ofEndpoint = new Set<InferenceErrorClass>([
  'network',
  'timeout',
  'rate_limited',
  'server_error',
  'stream_cut',
  'malformed_answer',
  'credentials',
  'quota',
]);

/** Over in a moment, often. A timeout is not among them: its time is spent. */
const passing = new Set<InferenceErrorClass>(['network', 'server_error', 'stream_cut']);

/** Longest `Retry-After` that a person is kept waiting for. */
const LONGEST_WAIT_MS = 3_000;
const RETRY_WITHIN_MS = 500;

/** Refused by an endpoint that says when to come back. */
class ComeBackLater extends ModelError {
  readonly retryAfterMs: number;
  constructor(refused: ModelError, retryAfterMs: number) {
    super(refused.class, refused.code, refused.message);
    this.retryAfterMs = retryAfterMs;
  }
}

export function isFailureOfEndpoint(error: ModelError): boolean {
  return ofEndpoint.has(error.class);
}

/** Another endpoint has a key, a quota and models of its own; what the question itself caused happens there as well. */
export function isWorthFallback(error: ModelError): boolean {
  return isFailureOfEndpoint(error) || error.class === 'model_not_found';
}

/** Milliseconds until the same endpoint may be asked again, spread fully so that many callers do not return together. */
export function retryDelay(error: ModelError, random: () => number): number | undefined {
  const spread = random() * RETRY_WITHIN_MS;
  if (error instanceof ComeBackLater) {
    return error.retryAfterMs <= LONGEST_WAIT_MS ? error.retryAfterMs + spread : undefined;
  }
  return passing.has(error.class) ? spread : undefined;
}

const errorObject = z.looseObject({
  message: z.string().optional(),
  code: z.union([z.string(), z.number()]).nullish(),
});
export const errorBody = z.looseObject({ error: errorObject });

/** The error that an answer with a status other than 200 stands for. */
export async function refusal(stream: HttpStream): Promise<ModelError> {
  let text = '';
  for await (const part of stream.chunks) text += part;
  const error = errorBody.safeParse(parseJson(text)).data?.error;
  const code = String(error?.code ?? `HTTP ${stream.status}`);
  const refused = new ModelError(classOf(stream.status, code, text), code, shorten(error?.message ?? text));
  const wait = retryAfterMs(stream.headers.get('retry-after'));
  const isForNow = refused.class === 'rate_limited' || refused.class === 'server_error';
  return isForNow && wait !== undefined ? new ComeBackLater(refused, wait) : refused;
}

/** The error object of a body or an event that came with status 200. */
export function errorInAnswer({ code, message }: z.output<typeof errorObject>): ModelError {
  const word = String(code ?? 'STREAM_ERROR');
  return new ModelError(classOf(500, word, message ?? ''), word, shorten(message));
}

/** Seconds, or a date (RFC 9110, 10.2.3). */
function retryAfterMs(header: string | null): number | undefined {
  if (!header) return undefined;
  const ms = /^\d+(\.\d+)?$/.test(header) ? Number(header) * 1000 : Date.parse(header) - Date.now();
  return Number.isFinite(ms) ? Math.max(0, ms) : undefined;
}

/** Providers name too long a question in the code or only in words, such as vLLM and DashScope. */
const TOO_LONG = /context[_ ](length|size|window)|input length|max message tokens/i;
const FILTERED = /content_?filter|data_?inspection|sensitive/i;

function classOf(status: number, code: string, words: string): InferenceErrorClass {
  if (status === 401 || status === 403) return 'credentials';
  if (status === 402 || code.includes('quota') || code === 'Arrearage') return 'quota';
  if (status === 429) return 'rate_limited';
  if (status === 404) return 'model_not_found';
  if (FILTERED.test(code)) return 'content_filter';
  if (TOO_LONG.test(`${code} ${words}`)) return 'context_length';
  return status >= 500 ? 'server_error' : 'bad_request';
}

const NO_ADDRESS = 'The address of the model endpoint is none: it begins with http:// or https://.';

/** Undefined for what is no failure of a call. */
export function toModelError(error: unknown): ModelError | undefined {
  if (error instanceof ModelError) return error;
  if (systemCode(error) === 'ERR_INVALID_URL') return new ModelError('bad_request', 'ERR_INVALID_URL', NO_ADDRESS);
  if (!(error instanceof OutgoingError)) return undefined;
  const kind = error.kind === 'timeout' ? 'timeout' : error.kind === 'reset' ? 'stream_cut' : 'network';
  return new ModelError(kind, error.code, error.message, error);
}
