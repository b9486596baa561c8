// Parses the error bodies of providers.
import { isObject, listOf, membersOf, wordOf } from './loose-json.ts';

/** Member of the body that holds the error. The meaning of a number depends on it. */
export type ErrorShape = 'error' | 'base_resp' | 'error_code' | 'top' | 'text';

export interface ErrorResponse {
  shape: ErrorShape;
  /** Codes and types, the most specific first. */
  codes: string[];
  /** Error message of the provider; written to the log. */
  words: string;
  /** More text to classify by. It may repeat what people wrote, so it is not logged. */
  hints?: string;
  /** Member of the request that the error names. */
  param?: string | undefined;
}

/**
 * Returns the error in a parsed body; undefined if there is none, as with `"error": null` beside an answer. With
 * `isRefused`, the status says that there is one, so a message alone is enough.
 */
export function readErrorResponse(json: unknown, isRefused = false): ErrorResponse | undefined {
  const body = membersOf(Array.isArray(json) ? json[0] : json);
  const choice = membersOf(listOf(body.choices)[0]);
  const found = fromError(body.error) ?? fromError(choice.error) ?? fromBaseResp(body.base_resp);
  // Beside choices, only an error object is an error.
  if (found || listOf(body.choices).length > 0) return found;
  return fromErrorCode(body) ?? fromList(body.errors) ?? fromDetail(body.detail) ?? fromTop(body, isRefused);
}

/** `{"error": {…}}`, `{"error": "text"}`: OpenAI and most others; Ollama. */
function fromError(error: unknown): ErrorResponse | undefined {
  if (typeof error === 'string') {
    const words = wordOf(error);
    return words === undefined || isSuccess(words) ? undefined : { shape: 'error', codes: [], words };
  }
  if (!isObject(error)) return undefined;
  const inner = membersOf(error.innererror);
  const metadata = membersOf(error.metadata);
  const codes = wordsIn(error.code, inner.code, error.type, error.status, error.http_code).filter(
    (code) => !isSuccess(code),
  );
  const words = sentenceOf(error.message ?? error.msg ?? error.detail);
  if (codes.length === 0 && (words === '' || isSuccess(words))) return undefined;
  return { shape: 'error', codes, words, hints: upstreamOf(metadata), param: wordOf(error.param) };
}

/** Reads `metadata`, where OpenRouter puts flagged categories and the error of the provider behind it. */
function upstreamOf(metadata: Record<string, unknown>): string {
  if (listOf(metadata.reasons).length > 0) return 'moderation';
  return typeof metadata.raw === 'string' && metadata.raw.length <= 2_000 ? metadata.raw : '';
}

/** `{"base_resp": {"status_code": 1008, "status_msg": "…"}}` with HTTP 200: MiniMax. */
function fromBaseResp(value: unknown): ErrorResponse | undefined {
  const { status_code: code, status_msg: message } = membersOf(value);
  if (wordOf(code) === undefined || Number(code) === 0) return undefined;
  return { shape: 'base_resp', codes: wordsIn(code), words: sentenceOf(message) };
}

/** `{"error_code": 17, "error_msg": "…"}`, often with HTTP 200: Qianfan V1. */
function fromErrorCode({ error_code: code, ...body }: Record<string, unknown>): ErrorResponse | undefined {
  if (wordOf(code) === undefined || Number(code) === 0) return undefined;
  return { shape: 'error_code', codes: wordsIn(code), words: sentenceOf(body.error_msg ?? body.message) };
}

/** `{"errors": [{"message": "…", "code": …}]}`: gateways. */
function fromList(errors: unknown): ErrorResponse | undefined {
  const [first] = listOf(errors);
  return fromError(first);
}

/** `{"detail": "…"}` or a list of places in the request: FastAPI, so vLLM, SGLang and Mistral. */
function fromDetail(detail: unknown): ErrorResponse | undefined {
  if (isObject(detail)) return fromError(detail) ?? fromError(detail.error);
  const words = sentenceOf(detail);
  return words === '' ? undefined : { shape: 'top', codes: [], words };
}

/** `{"code": …, "message": "…"}`: DashScope, SiliconFlow; `statusCode`: Azure; `{"object": "error", …}`: older vLLM; gateways. */
function fromTop(body: Record<string, unknown>, isRefused: boolean): ErrorResponse | undefined {
  const code = wordOf(body.code ?? body.statusCode);
  const type = wordOf(body.type);
  const words = sentenceOf(body.message ?? body.msg);
  const isError =
    isRefused || body.object === 'error' || /error/i.test(type ?? '') || (code !== undefined && !isSuccess(code));
  return isError && words !== '' ? { shape: 'top', codes: wordsIn(code, type), words } : undefined;
}

const isSuccess = (word: string): boolean => /^(?:0|200|success|ok)$/i.test(word.trim());

const wordsIn = (...values: unknown[]): string[] => values.map(wordOf).filter((word) => word !== undefined);

/** Returns a message as text. Of a list of problems it keeps place and message: the rest repeats what people wrote. */
function sentenceOf(message: unknown): string {
  if (typeof message === 'string') return message;
  if (isObject(message)) return sentenceOf(message.detail ?? message.message);
  return listOf(message)
    .map((problem) => {
      const { loc, msg } = membersOf(problem);
      return typeof problem === 'string' ? problem : `${wordsIn(...listOf(loc)).join('.')}: ${wordOf(msg) ?? ''}`;
    })
    .join('; ');
}
