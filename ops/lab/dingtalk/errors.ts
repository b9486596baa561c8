// DingTalk's two error shapes: `code/message/requestid` of the new API, `errcode/errmsg` of the old API.
import type { ErrorRequestHandler } from 'express';
import { randomId } from '../common/ids.ts';

const statuses = {
  InvalidAuthentication: 400,
  authFailed: 401,
  ServiceUnavailable: 503,
  'Forbidden.AccessDenied.QpsLimitForAppkeyAndApi': 403,
  'resource.not.found': 404,
  'system.error': 500,
} as const;

/** Error of the new API, thrown by handlers. The HTTP status is 400 unless the code has its own. */
export class OpenApiError extends Error {
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

/** Error of the old API, thrown by handlers: HTTP 200 with an errcode. */
export class OldApiError extends Error {
  readonly errcode: number;

  constructor(errcode: number, errmsg: string) {
    super(errmsg);
    this.errcode = errcode;
  }
}

/** Answers API errors, unreadable bodies and unexpected errors with DingTalk's error bodies. */
export const answerErrors: ErrorRequestHandler = (error: unknown, request, response, _next) => {
  if (error instanceof OldApiError) {
    response.json({ errcode: error.errcode, errmsg: error.message });
    return;
  }
  const apiError = error instanceof OpenApiError ? error : unexpectedError(error, request.path);
  if (apiError instanceof OldApiError) {
    response.json({ errcode: apiError.errcode, errmsg: apiError.message });
    return;
  }
  const status: number = Object.entries(statuses).find(([code]) => code === apiError.code)?.[1] ?? 400;
  const requestid = randomId(32).toUpperCase();
  response.status(status).json({ code: apiError.code, message: apiError.message, requestid });
};

// An unreadable body is the caller's fault. The body parser marks it with a status below 500.
function unexpectedError(error: unknown, path: string): OpenApiError | OldApiError {
  const unreadable = error instanceof Error && 'status' in error && Number(error.status) < 500;
  if (!path.startsWith('/v1.0/')) {
    return unreadable ? new OldApiError(40035, 'json parse error') : new OldApiError(-1, 'system busy');
  }
  return unreadable
    ? new OpenApiError('invalidParameter.body', 'the request body is not JSON')
    : new OpenApiError('system.error', 'system error');
}
