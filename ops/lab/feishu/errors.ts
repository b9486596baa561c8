// Feishu's error codes that the lab can answer, with HTTP status and text.
import type { ErrorRequestHandler, RequestHandler, Response } from 'express';
import { randomId } from '../common/ids.ts';

const table = {
  5000: { status: 500, msg: 'internal error' },
  9499: { status: 400, msg: 'Bad Request' },
  10003: { status: 400, msg: 'invalid param' },
  10014: { status: 400, msg: 'app secret invalid' },
  99991201: { status: 404, msg: 'request path not found' },
  99991400: { status: 429, msg: 'request trigger frequency limit' },
  99991543: { status: 400, msg: 'app id not exists' },
  99991661: { status: 400, msg: 'Missing access token for authorization. Please make a request with token attached.' },
  99991663: { status: 400, msg: 'Invalid access token for authorization. Please make a request with token attached.' },
  99991668: { status: 400, msg: 'user access token is not supported by this API' },
  99991671: { status: 400, msg: 'Invalid access token, must start with "t-" or "u-"' },
  99992351: { status: 400, msg: 'The request you send is not a valid {open_id} or not exists' },
  99992352: { status: 400, msg: 'The request you send is not a valid {union_id} or not exists' },
  99992353: { status: 400, msg: 'The request you send is not a valid {user_id} or not exists' },
  99992354: { status: 400, msg: 'The request you send is not a valid {message_id} or not exists' },
  99992356: { status: 400, msg: 'The request you send is not a valid {chat_id} or not exists' },
  99992402: { status: 400, msg: 'field validation failed' },
  230001: { status: 400, msg: 'Your request contains an invalid request parameter' },
  230002: { status: 400, msg: 'Bot/User can NOT be out of the chat.' },
  230011: { status: 400, msg: 'The message was recalled' },
  230020: { status: 400, msg: 'The operation triggers the frequency limit of the chat' },
  230025: { status: 400, msg: 'The length of the message content reaches its limit.' },
  230027: { status: 400, msg: 'Lack of necessary permissions' },
  230031: { status: 400, msg: 'The message can no longer be changed' },
  230034: { status: 400, msg: 'The receive_id is invalid' },
  230054: { status: 400, msg: 'This operation is unsupported for this message type' },
  230071: { status: 400, msg: 'Replies in thread are unsupported in this chat' },
  230099: { status: 400, msg: 'Failed to create card content' },
} as const;

/** A code of the table. */
export type FeishuCode = keyof typeof table;

/** Thrown by a handler to answer with the platform's error. */
export class FeishuApiError extends Error {
  readonly code: FeishuCode;
  /** Extra members of the body's `error` object. */
  readonly extra: Record<string, unknown>;

  constructor(code: FeishuCode, detail = '', extra: Record<string, unknown> = {}) {
    super(detail === '' ? table[code].msg : `${table[code].msg}, ${detail}`);
    this.code = code;
    this.extra = extra;
  }
}

/** Returns the error of a missing or invalid field. */
export function invalidField(field: string): FeishuApiError {
  const violation = { field, description: `${field} is missing or not one of the options` };
  return new FeishuApiError(99992402, '', { field_violations: [violation] });
}

/** Adds the log id to every answer, in `X-Tt-Logid`. */
export const tagWithLogId: RequestHandler = (_request, response, next) => {
  response.setHeader('X-Tt-Logid', `lab${Date.now()}${randomId(16).toUpperCase()}`);
  next();
};

/** Answers with an error in Feishu's shape. `status` is set if the platform reports the error behind a 200. */
export function sendError(
  response: Response,
  apiError: FeishuApiError,
  status: number = table[apiError.code].status,
): void {
  const error = { log_id: response.getHeader('X-Tt-Logid'), ...apiError.extra };
  response.status(status).json({ code: apiError.code, msg: apiError.message, error });
}

/** Answers API errors, unreadable bodies and unexpected errors with Feishu's error bodies. */
export const answerErrors: ErrorRequestHandler = (error: unknown, _request, response, _next) => {
  if (error instanceof FeishuApiError) sendError(response, error);
  else sendError(response, new FeishuApiError(isBodyError(error) ? 9499 : 5000));
};

// The body parser marks its errors with an HTTP status below 500.
function isBodyError(error: unknown): boolean {
  return error instanceof Error && 'status' in error && Number(error.status) < 500;
}
