// DingTalk's two error shapes: `code/message/requestid` of the new API, `errcode/errmsg` of the old one.
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

/** Thrown by a handler of the new API; the status is 400 unless the code has its own. */
export class OpenApiError extends Error {
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

/** Thrown by a handler of the old API: HTTP 200 with an errcode. */
export class OldApiError extends Error {
  readonly errcode: number;

  constructor(errcode: number, errmsg: string) {
    super(errmsg);
    this.errcode = errcode;
  }
}

/** Turns refusals, unreadable bodies and surprises into DingTalk's error bodies. */
export const answerErrors: ErrorRequestHandler = (error: unknown, request, response, _next) => {
  if (error instanceof OldApiError) {
    response.json({ errcode: error.errcode, errmsg: error.message });
    return;
  }
  const refusal = error instanceof OpenApiError ? error : surprise(error, request.path);
  if (refusal instanceof OldApiError) {
    response.json({ errcode: refusal.errcode, errmsg: refusal.message });
    return;
  }
  const status: number = Object.entries(statuses).find(([code]) => code === refusal.code)?.[1] ?? 400;
  const requestid = randomId(32).toUpperCase();
  response.status(status).json({ code: refusal.code, message: refusal.message, requestid });
};

// An unreadable body is the caller's fault; the parser marks it with a status below 500.
function surprise(error: unknown, path: string): OpenApiError | OldApiError {
  const unreadable = error instanceof Error && 'status' in error && Number(error.status) < 500;
  if (!path.startsWith('/v1.0/')) {
    return unreadable ? new OldApiError(40035, 'json parse error') : new OldApiError(-1, 'system busy');
  }
  return unreadable
    ? new OpenApiError('invalidParameter.body', 'the request body is not JSON')
    : new OpenApiError('system.error', 'system error');
}
