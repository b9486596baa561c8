// Converts the error that ended a request to an `HttpClientError`.
import { withoutCredentials } from './credentials.ts';
import { HttpClientError, kindOfCode, type RequestStage, systemCode, targetOf } from './errors.ts';
import type { Phases } from './phases.ts';

/** Values of an error's `type`. node-fetch sets the first one for a body that is read at once. */
export const TOO_LARGE = 'max-size';
export const PROXY_REJECTED = 'proxy-rejected';

/** Facts about a failed request. */
export interface RequestFailure {
  url: URL;
  proxy: string | undefined;
  phases: Phases;
  timedOut: boolean;
  givenUp: boolean;
}

/** Returns the error for callers: its kind, its target, and if the other side may have received the request. */
export function toHttpClientError(
  error: unknown,
  { url, proxy, phases, timedOut, givenUp }: RequestFailure,
): HttpClientError {
  const stage = stageOf(url, phases);
  const { type } = error as { type?: unknown };
  const code = systemCode(error) ?? 'UNKNOWN';
  const target = targetOf(url);
  const base = { target, proxy, cause: withoutUrl(error, url), maybeReceived: stage === 'connected' };
  if (timedOut) return new HttpClientError({ ...base, kind: 'timeout', code: 'ETIMEDOUT' });
  if (givenUp) return new HttpClientError({ ...base, kind: 'aborted', code: 'ABORT_ERR' });
  if (type === TOO_LARGE) return new HttpClientError({ ...base, kind: 'too_large', code: TOO_LARGE });
  if (type === PROXY_REJECTED || (proxy !== undefined && stage === 'connecting')) {
    return new HttpClientError({ ...base, kind: 'proxy', code, maybeReceived: false });
  }
  return new HttpClientError({ ...base, kind: kindOfCode(code, stage), code });
}

function stageOf(url: URL, { reusedSocket, connect, tls }: Phases): RequestStage {
  if (reusedSocket) return 'connected';
  if (connect === undefined) return 'connecting';
  return url.protocol === 'https:' && tls === undefined ? 'securing' : 'connected';
}

/**
 * Replaces the address with the host in an error of node-fetch. Such an error belongs to this request alone. Its
 * address has no name and password, because the client removes them before. The reason of an aborted signal has no
 * address, and its message is read-only.
 */
function withoutUrl(error: unknown, url: URL): unknown {
  if (!(error instanceof Error)) return error;
  const { href, host } = url;
  const plain = withoutCredentials(url);
  const hide = (text: string) => text.replaceAll(href, host).replaceAll(plain, host);
  const message = hide(error.message);
  if (message !== error.message) error.message = message;
  const stack = hide(error.stack ?? '');
  if (stack !== (error.stack ?? '')) error.stack = stack;
  return error;
}
