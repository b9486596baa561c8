// Calls a platform's API with a token, renews a rejected token once, and converts errors to results.

import type { PushErrorClass, SendFailure, SendResult } from '../../domain/delivery.ts';
import { HttpClientError } from '../../http-client/errors.ts';
import type { TokenCache } from './token-cache.ts';

/**
 * Error of a request for a token: rejected by the platform, or failed in the network. The message is never the cause,
 * so the part is retried.
 */
export class PlatformError extends Error {
  readonly failure: SendFailure;
  constructor(failure: SendFailure, cause?: unknown) {
    super(`${failure.code} ${failure.message}`, { cause });
    this.failure = failure;
  }
}

/**
 * Error classes with which a retry can succeed. Some errors end by themselves. Others are fixed by the operator, in the
 * settings of the bot or in the platform's console. The part waits for the fix, because the message is not the cause.
 */
const retryableClasses = new Set<PushErrorClass>([
  'rate_limited',
  'token_expired',
  'platform_error',
  'network',
  'timeout',
  'credentials',
  'permission',
  'ip_denied',
]);

/** A call that failed, or whose outcome is unknown. */
export type FailedCall = Extract<SendResult, { failure: SendFailure }>;

/** Result of a call that reads a value from the platform. */
export type FetchResult<Value> = { outcome: 'found'; value: Value } | FailedCall;

/** Returns the result of a call for a classified failure: retry or fail. */
export function resultOfFailure(failure: SendFailure): FailedCall {
  return { outcome: retryableClasses.has(failure.class) ? 'retrying' : 'dead', failure };
}

export interface TokenCall<Result> {
  tokens: TokenCache;
  appId: string;
  call(token: string): Promise<Result>;
}

/**
 * Calls the API with the token of `appId`. A token can be revoked before it expires. So if the platform rejects the
 * token, the call is repeated once with a new token. Throws the error of fetching the token.
 */
export async function callWithToken<Result extends SendResult | FetchResult<unknown>>({
  tokens,
  appId,
  call,
}: TokenCall<Result>): Promise<Result> {
  const token = await tokens.get(appId);
  const result = await call(token);
  if (!('failure' in result) || result.failure.class !== 'token_expired') return result;
  tokens.drop(appId, token);
  return call(await tokens.get(appId));
}

/**
 * Returns the result of a call that threw `error`. If the platform may have received the request, it is retried only if
 * it has an idempotency key (`idempotent`). Throws any error that is neither `PlatformError` nor `HttpClientError`.
 */
export function resultOfError(error: unknown, { idempotent }: { idempotent: boolean }): FailedCall {
  if (error instanceof PlatformError) return { outcome: 'retrying', failure: error.failure };
  if (!(error instanceof HttpClientError)) throw error;
  return {
    outcome: error.maybeReceived && !idempotent ? 'unknown' : 'retrying',
    failure: failureOfError(error, 'send'),
  };
}

/**
 * Returns the error of a request to the token endpoint, where a retry is always safe. Throws any error that is neither
 * `PlatformError` nor `HttpClientError`.
 */
export function tokenFailure(error: unknown): PlatformError {
  if (error instanceof PlatformError) return error;
  if (!(error instanceof HttpClientError)) throw error;
  return new PlatformError(failureOfError(error, 'token'), error);
}

function failureOfError(error: HttpClientError, stage: 'token' | 'send'): SendFailure {
  return {
    class: error.kind === 'timeout' ? 'timeout' : 'network',
    stage,
    code: error.code,
    message: error.message,
  };
}
