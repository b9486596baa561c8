// Parses the error bodies of providers. Each function reads one shape.
import { isObject, listOf, membersOf, stringOf } from './loose-json.ts';

/** Member of the body that holds the error. The meaning of a numeric code depends on it. */
export type ErrorShape = 'error' | 'base_resp' | 'error_code' | 'top' | 'text';

export interface ErrorResponse {
  shape: ErrorShape;
  /** Codes and types, most specific first. */
  codes: string[];
  /** Error message of the provider. It is written to the log. */
  message: string;
  /** More text for the classification. It may repeat chat messages, so it is not logged. */
  hints?: string;
  /** Member of the request that the error names. */
  param?: string | undefined;
}

/**
 * Returns the error in a parsed body; undefined if there is none, as with `"error": null` beside an answer. If
 * `isErrorStatus` is true, a message without a code suffices, because the status shows that there is an error.
 */
export function readErrorResponse(json: unknown, isErrorStatus = false): ErrorResponse | undefined {
  const body = membersOf(Array.isArray(json) ? json[0] : json);
  const choice = membersOf(listOf(body.choices)[0]);
  const found = fromError(body.error) ?? fromError(choice.error) ?? fromBaseResp(body.base_resp);
  // If the body has choices, only an error object is an error, because other members accompany an answer.
  if (found || listOf(body.choices).length > 0) return found;
  return fromErrorCode(body) ?? fromList(body.errors) ?? fromDetail(body.detail) ?? fromTop(body, isErrorStatus);
}

/** Reads `{"error": {…}}` of OpenAI and most others, and `{"error": "text"}` of Ollama. */
function fromError(error: unknown): ErrorResponse | undefined {
  if (typeof error === 'string') {
    const message = stringOf(error);
    return message === undefined || isSuccess(message) ? undefined : { shape: 'error', codes: [], message };
  }
  if (!isObject(error)) return undefined;
  const inner = membersOf(error.innererror);
  const metadata = membersOf(error.metadata);
  const codes = stringsIn(error.code, inner.code, error.type, error.status, error.http_code).filter(
    (code) => !isSuccess(code),
  );
  const message = messageText(error.message ?? error.msg ?? error.detail);
  if (codes.length === 0 && (message === '' || isSuccess(message))) return undefined;
  return { shape: 'error', codes, message, hints: upstreamOf(metadata), param: stringOf(error.param) };
}

/**
 * Reads `metadata`, where OpenRouter puts flagged categories and the error of the provider behind it:
 * https://openrouter.ai/docs/api/reference/errors-and-debugging (read 2026-11).
 */
function upstreamOf(metadata: Record<string, unknown>): string {
  if (listOf(metadata.reasons).length > 0) return 'moderation';
  return typeof metadata.raw === 'string' && metadata.raw.length <= 2_000 ? metadata.raw : '';
}

/**
 * Reads `{"base_resp": {"status_code": 1008, "status_msg": "…"}}`, which MiniMax sends with HTTP 200:
 * https://platform.minimax.io/docs/api-reference/errorcode (read 2026-11).
 */
function fromBaseResp(value: unknown): ErrorResponse | undefined {
  const { status_code: code, status_msg: message } = membersOf(value);
  if (stringOf(code) === undefined || Number(code) === 0) return undefined;
  return { shape: 'base_resp', codes: stringsIn(code), message: messageText(message) };
}

/**
 * Reads `{"error_code": 17, "error_msg": "…"}`, which Qianfan V1 often sends with HTTP 200:
 * https://cloud.baidu.com/doc/WENXINWORKSHOP/s/tlmyncueh (read 2026-11).
 */
function fromErrorCode({ error_code: code, ...body }: Record<string, unknown>): ErrorResponse | undefined {
  if (stringOf(code) === undefined || Number(code) === 0) return undefined;
  return { shape: 'error_code', codes: stringsIn(code), message: messageText(body.error_msg ?? body.message) };
}

/** Reads `{"errors": [{"message": "…", "code": …}]}` of gateways. */
function fromList(errors: unknown): ErrorResponse | undefined {
  const [first] = listOf(errors);
  return fromError(first);
}

/**
 * Reads `{"detail": "…"}`, or a list of invalid members of the request. FastAPI sends both, so vLLM, SGLang and Mistral
 * do.
 */
function fromDetail(detail: unknown): ErrorResponse | undefined {
  if (isObject(detail)) return fromError(detail) ?? fromError(detail.error);
  const message = messageText(detail);
  return message === '' ? undefined : { shape: 'top', codes: [], message };
}

/**
 * Reads `{"code": …, "message": "…"}` of DashScope, SiliconFlow and gateways, `statusCode` of Azure, and
 * `{"object": "error", …}` of older vLLM.
 */
function fromTop(body: Record<string, unknown>, isErrorStatus: boolean): ErrorResponse | undefined {
  const code = stringOf(body.code ?? body.statusCode);
  const type = stringOf(body.type);
  const message = messageText(body.message ?? body.msg);
  const isError =
    isErrorStatus || body.object === 'error' || /error/i.test(type ?? '') || (code !== undefined && !isSuccess(code));
  return isError && message !== '' ? { shape: 'top', codes: stringsIn(code, type), message } : undefined;
}

const isSuccess = (text: string): boolean => /^(?:0|200|success|ok)$/i.test(text.trim());

const stringsIn = (...values: unknown[]): string[] => values.map(stringOf).filter((text) => text !== undefined);

/**
 * Returns a message as text. Of a list of problems it keeps member and message, because the rest repeats chat messages.
 */
function messageText(message: unknown): string {
  if (typeof message === 'string') return message;
  if (isObject(message)) return messageText(message.detail ?? message.message);
  return listOf(message)
    .map((problem) => {
      const { loc, msg } = membersOf(problem);
      return typeof problem === 'string' ? problem : `${stringsIn(...listOf(loc)).join('.')}: ${stringOf(msg) ?? ''}`;
    })
    .join('; ');
}
