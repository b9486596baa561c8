// Puts whatever ended a request into one of our kinds.
import { withoutCredentials } from './credentials.ts';
import { HttpClientError, kindOfCode, type Stage, systemCode, targetOf } from './errors.ts';
import type { Phases } from './phases.ts';

/** Marks of errors (`type`); node-fetch sets the first one on a body that is read at once. */
export const TOO_LARGE = 'max-size';
export const PROXY_REFUSED = 'proxy-refused';

export interface Failure {
  url: URL;
  proxy: string | undefined;
  phases: Phases;
  timedOut: boolean;
  givenUp: boolean;
}

/** The error that callers see: what happened, where, and whether the other side may have the request. */
export function toOutgoingError(error: unknown, { url, proxy, phases, timedOut, givenUp }: Failure): HttpClientError {
  const stage = stageOf(url, phases);
  const { type } = error as { type?: unknown };
  const code = systemCode(error) ?? 'UNKNOWN';
  const target = targetOf(url);
  const base = { target, proxy, cause: withoutUrl(error, url), maybeReceived: stage === 'connected' };
  if (timedOut) return new HttpClientError({ ...base, kind: 'timeout', code: 'ETIMEDOUT' });
  if (givenUp) return new HttpClientError({ ...base, kind: 'aborted', code: 'ABORT_ERR' });
  if (type === TOO_LARGE) return new HttpClientError({ ...base, kind: 'too_large', code: TOO_LARGE });
  if (type === PROXY_REFUSED || (proxy !== undefined && stage === 'connecting')) {
    return new HttpClientError({ ...base, kind: 'proxy', code, maybeReceived: false });
  }
  return new HttpClientError({ ...base, kind: kindOfCode(code, stage), code });
}

function stageOf(url: URL, { reusedSocket, connect, tls }: Phases): Stage {
  if (reusedSocket) return 'connected';
  if (connect === undefined) return 'connecting';
  return url.protocol === 'https:' && tls === undefined ? 'securing' : 'connected';
}

/**
 * node-fetch puts the address into its errors, which are for this request alone: without the name and the password, which
 * the client takes out before. The reason of an aborted signal has no address, and its message cannot be written.
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
