// Errors of outgoing requests that got no complete answer.

export type HttpClientErrorKind = 'dns' | 'connect' | 'tls' | 'proxy' | 'timeout' | 'reset' | 'too_large' | 'aborted';

export interface HttpClientErrorDetails {
  kind: HttpClientErrorKind;
  /** Code of the system, such as `ECONNREFUSED`. */
  code: string;
  /** `host:port` of the target. Never the path, because paths of webhooks are secrets. */
  target: string;
  /** True if the other side may have received the request. If false, a retry is safe. */
  maybeReceived: boolean;
  /** `host:port` of the proxy, if the request goes through one. */
  proxy?: string | undefined;
  cause: unknown;
}

/** Error of a request that got no complete answer. `message` is safe to log. */
export class HttpClientError extends Error {
  readonly kind: HttpClientErrorKind;
  readonly code: string;
  readonly target: string;
  readonly maybeReceived: boolean;

  constructor(details: HttpClientErrorDetails) {
    const { kind, target, code, proxy, cause } = details;
    const sentence = kind === 'proxy' ? `No connection through the proxy ${proxy} to` : sentences[kind];
    super(`${sentence} ${target} (${code})`, { cause });
    this.name = 'HttpClientError';
    this.kind = details.kind;
    this.code = details.code;
    this.target = details.target;
    this.maybeReceived = details.maybeReceived;
  }
}

const sentences: Record<Exclude<HttpClientErrorKind, 'proxy'>, string> = {
  dns: 'The name could not be resolved:',
  connect: 'No connection to',
  tls: 'TLS failed with',
  timeout: 'No answer in time from',
  reset: 'The connection was cut by',
  too_large: 'The answer was too large from',
  aborted: 'The request was aborted:',
};

const dnsCodes = new Set(['ENOTFOUND', 'EAI_AGAIN', 'EAI_FAIL', 'EAI_NONAME', 'EAI_NODATA']);

/**
 * Returns the system's code from a chain of causes. If a dual-stack connection is refused, Node throws an
 * `AggregateError` with an empty message, so the first of its errors is searched too.
 */
export function systemCode(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  const { code, cause, errors } = error as { code?: unknown; cause?: unknown; errors?: unknown[] };
  if (typeof code === 'string' && code !== '') return code;
  return systemCode(cause) ?? systemCode(errors?.[0]);
}

/** Progress of a request. `securing`: connected, TLS handshake not finished. */
export type RequestStage = 'connecting' | 'securing' | 'connected';

const kindOfStage = { connecting: 'connect', securing: 'tls', connected: 'reset' } as const;

/** Returns the kind of a system code. The stage distinguishes a refused connection from a connection that was cut. */
export function kindOfCode(code: string, stage: RequestStage): HttpClientErrorKind {
  if (dnsCodes.has(code)) return 'dns';
  // With TLS 1.3 the server reports a rejected client certificate after the handshake.
  if (code.startsWith('ERR_SSL') || code.startsWith('ERR_TLS')) return 'tls';
  return kindOfStage[stage];
}

/** Returns `host:port`, the only part of an address that may be logged. */
export function targetOf(url: URL): string {
  return `${url.hostname}:${url.port || (url.protocol === 'https:' ? '443' : '80')}`;
}
