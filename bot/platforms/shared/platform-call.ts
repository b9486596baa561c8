// One call of a platform's API with a token: the answer judged, a refused token renewed and tried once more.

import type { PushErrorClass, SendFailure, SendResult } from '../../domain/delivery.ts';
import { HttpClientError } from '../../http-client/errors.ts';
import type { TokenCache } from './token-cache.ts';

/**
 * The platform's refusal of a token, or a failure on the way, as an error. Whatever the reason, the message has no part
 * in it, so a part is tried again.
 */
export class PlatformError extends Error {
  readonly failure: SendFailure;
  constructor(failure: SendFailure, cause?: unknown) {
    super(`${failure.code} ${failure.message}`, { cause });
    this.failure = failure;
  }
}

/**
 * Classes where a later attempt can succeed: what passes by itself, and what the operator mends in our settings or
 * in the platform's console. The latter is no fault of the message, so it waits instead of being lost.
 */
const passing = new Set<PushErrorClass>([
  'rate_limited',
  'token_expired',
  'platform_error',
  'network',
  'timeout',
  'credentials',
  'permission',
  'ip_denied',
]);

/** Whether a later attempt can succeed. */
export function isPassing(name: PushErrorClass): boolean {
  return passing.has(name);
}

/** Turns a classified refusal into what happens to the part. */
export function refused(failure: SendFailure): SendResult {
  return { outcome: isPassing(failure.class) ? 'retry' : 'failed', failure };
}

export interface TokenCall {
  tokens: TokenCache;
  appId: string;
  call(token: string): Promise<SendResult>;
}

/** A token can be revoked before it expires, so the first refusal renews it and only the second one counts. */
export async function callWithToken({ tokens, appId, call }: TokenCall): Promise<SendResult> {
  const token = await tokens.get(appId);
  const result = await call(token);
  if (result.outcome === 'sent' || result.failure.class !== 'token_expired') return result;
  tokens.drop(appId, token);
  return call(await tokens.get(appId));
}

/**
 * What a thrown error means for the part. A request that the platform may have received is repeated only where
 * the platform takes an idempotency key.
 */
export function resultOfError(error: unknown, { idempotent }: { idempotent: boolean }): SendResult {
  if (error instanceof PlatformError) return { outcome: 'retry', failure: error.failure };
  if (!(error instanceof HttpClientError)) throw error;
  return {
    outcome: error.maybeReceived && !idempotent ? 'unknown' : 'retry',
    failure: failureOfError(error, 'send'),
  };
}

/** The same for the token endpoint, where repeating is always safe. */
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
