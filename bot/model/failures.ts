// Classifies failed model calls, and decides whether to retry the endpoint or to call the next one.

import type { InferenceErrorClass } from '../domain/inference.ts';
import { HttpClientError, systemCode } from '../http-client/errors.ts';
import type { HttpStream } from '../http-client/http-client.ts';
import { shorten } from '../http-client/shorten.ts';
import { parseJson } from '../runtime/json.ts';
import { LONGEST_ERROR_BODY, LONGEST_MESSAGE } from './bounds.ts';
import { classOfCodes } from './error-codes.ts';
import { classOfPhrase } from './error-phrases.ts';
import { ModelError } from './model.ts';
import { type RequestOption, rejectedOption } from './options.ts';
import { type ErrorResponse, readErrorResponse } from './read-error-response.ts';

/** Failures that do not depend on the question. They open the circuit of the endpoint. */
const endpointFailures = new Set<InferenceErrorClass>([
  'network',
  'timeout',
  'rate_limited',
  'server_error',
  'stream_cut',
  'malformed_answer',
  'credentials',
  'quota',
]);

/** Failures that are often over in a moment. A timeout is not one of them, because it has used up its time. */
const transientFailures = new Set<InferenceErrorClass>(['network', 'server_error', 'stream_cut']);

/** Longest `Retry-After` that the bot waits for before a retry. */
export const LONGEST_RETRY_AFTER_MS = 3_000;
/** Upper limit of the random delay before a retry. */
export const RETRY_WITHIN_MS = 500;

/** Error of an endpoint that sent a `Retry-After`. */
class RetryAfterError extends ModelError {
  readonly retryAfterMs: number;
  constructor(error: ModelError, retryAfterMs: number) {
    super(error.class, error.code, error.message);
    this.retryAfterMs = retryAfterMs;
  }
}

/** Returns true if the failure counts for the circuit of the endpoint. */
export function isFailureOfEndpoint(error: ModelError): boolean {
  return endpointFailures.has(error.class);
}

/**
 * Returns true if the next endpoint may succeed, because it has its own key, quota and models. A failure that the
 * question caused would happen there too.
 */
export function isWorthFallback(error: ModelError): boolean {
  return isFailureOfEndpoint(error) || error.class === 'model_not_found';
}

/**
 * Returns the milliseconds until a retry at the same endpoint; undefined if there must be none. The random part keeps
 * many callers from retrying at the same moment.
 */
export function retryDelay(error: ModelError, random: () => number): number | undefined {
  const spread = random() * RETRY_WITHIN_MS;
  if (error instanceof RetryAfterError) {
    return error.retryAfterMs <= LONGEST_RETRY_AFTER_MS ? error.retryAfterMs + spread : undefined;
  }
  return transientFailures.has(error.class) ? spread : undefined;
}

/** Error of an endpoint that rejected an option of the request. */
export class RejectedOptionError extends ModelError {
  readonly option: RequestOption;
  constructor(error: ModelError, option: RequestOption) {
    super(error.class, error.code, error.message);
    this.option = option;
  }
}

/** Returns the error of a response with a status outside 200–299. `host` is the host name of the endpoint. */
export async function errorOfResponse(stream: HttpStream, host: string): Promise<ModelError> {
  const text = await readErrorBody(stream);
  const json = parseJson(text) ?? parseJson(/^data:(.*)$/m.exec(text)?.[1] ?? '');
  const facts = readErrorResponse(json, true) ?? factsOfText(text, json);
  const error = errorOf(stream.status, facts, host);
  const option = rejectedOption(error.class, facts);
  if (option) return new RejectedOptionError(error, option);
  const wait = retryAfterMs(stream.headers.get('retry-after'));
  const isTemporary = error.class === 'rate_limited' || error.class === 'server_error';
  return isTemporary && wait !== undefined ? new RetryAfterError(error, wait) : error;
}

/** Returns the part of the body that arrives. A broken body is no error, because the status suffices to classify it. */
async function readErrorBody({ chunks }: HttpStream): Promise<string> {
  let text = '';
  try {
    for await (const part of chunks) {
      text += part;
      if (text.length > LONGEST_ERROR_BODY) break;
    }
  } catch (error) {
    if (!(error instanceof HttpClientError)) throw error;
  }
  return text;
}

/** Reads plain text. JSON of an unknown shape may repeat chat messages, so it is neither classified nor logged. */
function factsOfText(text: string, json: unknown): ErrorResponse {
  const facts: ErrorResponse = { shape: 'text', codes: [], message: '' };
  if (typeof json === 'object') return facts;
  // Truncated JSON is classified by its beginning, where the error message most likely is, but not logged.
  return /^\s*(?:[[{]|(?:data|event|id):)/.test(text)
    ? { ...facts, hints: text.slice(0, LONGEST_MESSAGE) }
    : { ...facts, message: text };
}

/** Returns the error inside a successful response; undefined if there is none. */
export function errorInAnswer(json: unknown, host: string): ModelError | undefined {
  const facts = readErrorResponse(json);
  if (!facts) return undefined;
  // OpenRouter sends the status as the code: https://openrouter.ai/docs/api/reference/errors-and-debugging (read
  // 2026-11).
  const status = facts.codes.map(Number).find((code) => code >= 400 && code < 600);
  return errorOf(status ?? 500, { ...facts, codes: [...facts.codes, 'STREAM_ERROR'] }, host);
}

function errorOf(status: number, facts: ErrorResponse, host: string): ModelError {
  const [code = `HTTP ${status}`] = facts.codes;
  return new ModelError(classOf(status, facts, host), shorten(code), shorten(facts.message));
}

/**
 * Returns milliseconds from a header with seconds or a date: https://www.rfc-editor.org/rfc/rfc9110, section 10.2.3.
 */
function retryAfterMs(header: string | null): number | undefined {
  if (!header) return undefined;
  const ms = /^\d+(\.\d+)?$/.test(header) ? Number(header) * 1000 : Date.parse(header) - Date.now();
  return Number.isFinite(ms) ? Math.max(0, ms) : undefined;
}

/**
 * DashScope sends `insufficient_quota`, which is OpenAI's code of an empty account, for its limit of tokens per minute:
 * https://help.aliyun.com/zh/model-studio/error-code (read 2026-11).
 */
const TOKENS_PER_MINUTE = /error-code#token-limit|allocated quota exceeded/i;
const isDashScope = (host: string) => /(?:^|\.)aliyuncs\.com$/i.test(host);

function classOf(
  status: number,
  { shape, codes, message, hints = '' }: ErrorResponse,
  host: string,
): InferenceErrorClass {
  const [code = ''] = codes;
  if (/^insufficient_quota$/i.test(code) && (isDashScope(host) || TOKENS_PER_MINUTE.test(message)))
    return 'rate_limited';
  // A request above the token limit of a minute never fits: https://developers.openai.com/docs/guides/rate-limits (read
  // 2026-11).
  if (status === 429 && /^request too large/i.test(message)) return 'context_length';
  // An HTML page comes from a proxy, so its text is not classified.
  const readable = /^\s*</.test(message) ? '' : message.slice(0, LONGEST_MESSAGE);
  return classOfCodes(shape, codes) ?? classOfPhrase(status, [...codes, readable, hints].join(' '));
}

const INVALID_URL = 'The address of the model endpoint is not a valid URL. It must begin with http:// or https://.';

/** Converts the error of a call; undefined for an error that is no failure of the call, such as a bug. */
export function toModelError(error: unknown): ModelError | undefined {
  if (error instanceof ModelError) return error;
  if (systemCode(error) === 'ERR_INVALID_URL') return new ModelError('bad_request', 'ERR_INVALID_URL', INVALID_URL);
  if (!(error instanceof HttpClientError)) return undefined;
  if (error.kind === 'too_large') return new ModelError('malformed_answer', error.code, error.message, error);
  const kind = error.kind === 'timeout' ? 'timeout' : error.kind === 'reset' ? 'stream_cut' : 'network';
  return new ModelError(kind, error.code, error.message, error);
}
