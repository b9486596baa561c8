// What can go wrong with an outgoing request before there is an answer to judge.

export type OutgoingErrorKind = 'dns' | 'connect' | 'tls' | 'proxy' | 'timeout' | 'reset' | 'too_large' | 'aborted';

export interface OutgoingErrorDetails {
  kind: OutgoingErrorKind;
  /** The system's own word, such as `ECONNREFUSED`. */
  code: string;
  /** `host:port` of the target, never the path: paths of webhooks are secrets. */
  target: string;
  /** Whether the other side may have received the request. False means that repeating it is safe. */
  maybeReceived: boolean;
  /** `host:port` of the proxy on the way. */
  proxy?: string | undefined;
  cause: unknown;
}

/** A request that got no complete answer. `message` is safe to log. */
export class HttpClientError extends Error {
  readonly kind: OutgoingErrorKind;
  readonly code: string;
  readonly target: string;
  readonly maybeReceived: boolean;

  constructor(details: OutgoingErrorDetails) {
    const { kind, target, code, proxy, cause } = details;
    const sentence = kind === 'proxy' ? `The proxy ${proxy} gave no way to` : sentences[kind];
    super(`${sentence} ${target} (${code})`, { cause });
    this.name = 'HttpClientError';
    this.kind = details.kind;
    this.code = details.code;
    this.target = details.target;
    this.maybeReceived = details.maybeReceived;
  }
}

const sentences: Record<Exclude<OutgoingErrorKind, 'proxy'>, string> = {
  dns: 'The name could not be resolved:',
  connect: 'No connection to',
  tls: 'TLS failed with',
  timeout: 'No answer in time from',
  reset: 'The connection was cut by',
  too_large: 'The answer was too large from',
  aborted: 'The request was given up:',
};

const dnsCodes = new Set(['ENOTFOUND', 'EAI_AGAIN', 'EAI_FAIL', 'EAI_NONAME', 'EAI_NODATA']);

/**
 * Finds the system's code in a chain of causes. A refused dual-stack connect is an `AggregateError` with an
 * empty message, so its parts are looked at too.
 */
export function systemCode(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  const { code, cause, errors } = error as { code?: unknown; cause?: unknown; errors?: unknown[] };
  if (typeof code === 'string' && code !== '') return code;
  return systemCode(cause) ?? systemCode(errors?.[0]);
}

/** How far a request got. `securing`: connected, TLS not agreed yet. */
export type Stage = 'connecting' | 'securing' | 'connected';

const kindOfStage = { connecting: 'connect', securing: 'tls', connected: 'reset' } as const;

/** Puts a system code in one of our kinds; the stage tells a refused connection from a cut one. */
export function kindOfCode(code: string, stage: Stage): OutgoingErrorKind {
  if (dnsCodes.has(code)) return 'dns';
  // With TLS 1.3 a refused client certificate is told after the handshake.
  if (code.startsWith('ERR_SSL') || code.startsWith('ERR_TLS')) return 'tls';
  return kindOfStage[stage];
}

/** `host:port`, the only part of an address that may be told. */
export function targetOf(url: URL): string {
  return `${url.hostname}:${url.port || (url.protocol === 'https:' ? '443' : '80')}`;
}
