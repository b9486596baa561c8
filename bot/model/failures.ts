// What a failed model call means: its class, whether to try again, and whether another endpoint may do better.

import type { InferenceErrorClass } from '../domain/inference.ts';
import { HttpClientError, systemCode } from '../http-client/errors.ts';
import type { HttpStream } from '../http-client/http-client.ts';
import { shorten } from '../http-client/shorten.ts';
import { parseJson } from '../runtime/json.ts';
import { LONGEST_REFUSAL } from './bounds.ts';
import { classOfCodes } from './error-codes.ts';
import { classOfPhrase } from './error-phrases.ts';
import { ModelError } from './model.ts';
import { type OptionalParameter, rejectedParameter } from './options.ts';
import { type ErrorResponse, readErrorResponse } from './read-error-response.ts';

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

/** UTF-16 units of an error message that are classified. The rest of a long one often repeats the request. */
const LONGEST_SENTENCE = 2_000;

/** Refused by an endpoint that says when to come back. */
class ComeBackLaterError extends ModelError {
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
  if (error instanceof ComeBackLaterError) {
    return error.retryAfterMs <= LONGEST_WAIT_MS ? error.retryAfterMs + spread : undefined;
  }
  return passing.has(error.class) ? spread : undefined;
}

/** The endpoint rejected an option of the request. */
export class RejectedParameterError extends ModelError {
  readonly option: OptionalParameter;
  constructor(refused: ModelError, option: OptionalParameter) {
    super(refused.class, refused.code, refused.message);
    this.option = option;
  }
}

/** Reads the error of a response with a status outside 200–299. `host` is the host name of the endpoint. */
export async function refusal(stream: HttpStream, host: string): Promise<ModelError> {
  const text = await readRefused(stream);
  const json = parseJson(text) ?? parseJson(/^data:(.*)$/m.exec(text)?.[1] ?? '');
  const facts = readErrorResponse(json, true) ?? factsOfText(text, json);
  const refused = errorOf(stream.status, facts, host);
  const option = rejectedParameter(refused.class, facts);
  if (option) return new RejectedParameterError(refused, option);
  const wait = retryAfterMs(stream.headers.get('retry-after'));
  const isForNow = refused.class === 'rate_limited' || refused.class === 'server_error';
  return isForNow && wait !== undefined ? new ComeBackLaterError(refused, wait) : refused;
}

/** Returns the body as far as it comes: the status alone is an answer. */
async function readRefused({ chunks }: HttpStream): Promise<string> {
  let text = '';
  try {
    for await (const part of chunks) {
      text += part;
      if (text.length > LONGEST_REFUSAL) break;
    }
  } catch (error) {
    if (!(error instanceof HttpClientError)) throw error;
  }
  return text;
}

/** JSON of an unknown shape may repeat what people wrote, so it is neither interpreted nor logged. */
function factsOfText(text: string, json: unknown): ErrorResponse {
  const facts: ErrorResponse = { shape: 'text', codes: [], words: '' };
  if (typeof json === 'object') return facts;
  // Torn JSON is not logged either. Its message is most likely near its beginning.
  return /^\s*(?:[[{]|(?:data|event|id):)/.test(text)
    ? { ...facts, hints: text.slice(0, LONGEST_SENTENCE) }
    : { ...facts, words: text };
}

/** Returns the error inside a successful response; undefined if there is none. */
export function errorInAnswer(json: unknown, host: string): ModelError | undefined {
  const facts = readErrorResponse(json);
  if (!facts) return undefined;
  // OpenRouter sends the status as the code: https://openrouter.ai/docs/api/reference/errors-and-debugging.
  const status = facts.codes.map(Number).find((code) => code >= 400 && code < 600);
  return errorOf(status ?? 500, { ...facts, codes: [...facts.codes, 'STREAM_ERROR'] }, host);
}

function errorOf(status: number, facts: ErrorResponse, host: string): ModelError {
  const [code = `HTTP ${status}`] = facts.codes;
  return new ModelError(classOf(status, facts, host), shorten(code), shorten(facts.words));
}

/** Seconds, or a date (RFC 9110, 10.2.3). */
function retryAfterMs(header: string | null): number | undefined {
  if (!header) return undefined;
  const ms = /^\d+(\.\d+)?$/.test(header) ? Number(header) * 1000 : Date.parse(header) - Date.now();
  return Number.isFinite(ms) ? Math.max(0, ms) : undefined;
}

/** DashScope sends OpenAI's code of an empty account for its limit of tokens per minute. */
const TOKENS_PER_MINUTE = /error-code#token-limit|allocated quota exceeded/i;
const isDashScope = (host: string) => /(?:^|\.)aliyuncs\.com$/i.test(host);

function classOf(
  status: number,
  { shape, codes, words, hints = '' }: ErrorResponse,
  host: string,
): InferenceErrorClass {
  const [code = ''] = codes;
  if (/^insufficient_quota$/i.test(code) && (isDashScope(host) || TOKENS_PER_MINUTE.test(words))) return 'rate_limited';
  // A request beyond the tokens of a whole minute never fits: https://developers.openai.com/docs/guides/rate-limits.
  if (status === 429 && /^request too large/i.test(words)) return 'context_length';
  // An HTML page is not written by the provider.
  const sentence = /^\s*</.test(words) ? '' : words.slice(0, LONGEST_SENTENCE);
  return classOfCodes(shape, codes) ?? classOfPhrase(status, [...codes, sentence, hints].join(' '));
}

const NO_ADDRESS = 'The address of the model endpoint is none: it begins with http:// or https://.';

/** Undefined for what is no failure of a call. */
export function toModelError(error: unknown): ModelError | undefined {
  if (error instanceof ModelError) return error;
  if (systemCode(error) === 'ERR_INVALID_URL') return new ModelError('bad_request', 'ERR_INVALID_URL', NO_ADDRESS);
  if (!(error instanceof HttpClientError)) return undefined;
  if (error.kind === 'too_large') return new ModelError('malformed_answer', error.code, error.message, error);
  const kind = error.kind === 'timeout' ? 'timeout' : error.kind === 'reset' ? 'stream_cut' : 'network';
  return new ModelError(kind, error.code, error.message, error);
}
