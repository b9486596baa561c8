// HTTP client for every outgoing request of the bot.
import { setMaxListeners } from 'node:events';
import fetch, { type RequestInit, type Response } from 'node-fetch';
import { parseJson } from '../runtime/json.ts';
import { type Agents, createAgents } from './agents.ts';
import { withChunkedEnds } from './chunked-ends.ts';
import { PROXY_REJECTED, TOO_LARGE, toHttpClientError } from './classify.ts';
import { credentialsOf, withoutCredentials } from './credentials.ts';
import { type Phases, withPhases } from './phases.ts';

export interface HttpRequest {
  /** A name and a password in the address become a header, unless `headers` has `authorization`. */
  url: string;
  method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  headers?: Record<string, string>;
  /** Sent as JSON. */
  json?: unknown;
  /** Limit in milliseconds from the start of the request to the last byte of the answer. */
  timeoutMs: number;
  /** Maximum size of an answer, in bytes after decompression. Default 1 MiB. */
  maxBytes?: number;
  /** Aborts the request; the error then has the kind `aborted`. */
  signal?: AbortSignal;
}

export interface HttpResponse {
  status: number;
  headers: { get(name: string): string | null };
  text: string;
  /** The parsed body, or undefined if it is not JSON, such as the HTML of a platform that throttles by IP address. */
  json: unknown;
  phases: Phases;
}

export interface HttpStream {
  status: number;
  headers: { get(name: string): string | null };
  /** Throws `HttpClientError` if the stream ends early. */
  chunks: AsyncIterable<string>;
  phases: Phases;
}

export interface HttpClient {
  /** Resolves for any HTTP status. Throws `HttpClientError` if there is no complete answer. */
  request(request: HttpRequest): Promise<HttpResponse>;
  /** Like `request`, but yields the body as it arrives. `timeoutMs` still limits the complete exchange. */
  stream(request: HttpRequest): Promise<HttpStream>;
  close(): void;
}

const ONE_MIB = 1024 * 1024;

/** Creates a client. Its `close` closes the idle connections of `agents`. */
export function createHttpClient({ agents = createAgents() }: { agents?: Agents } = {}): HttpClient {
  return {
    async request(request) {
      const exchange = await open(agents, request);
      const text = await exchange.guard(() => exchange.response.text());
      exchange.finish();
      const { status, headers } = exchange.response;
      return { status, headers, text, json: parseJson(text), phases: exchange.phases };
    },
    async stream(request) {
      const exchange = await open(agents, request);
      const { status, headers } = exchange.response;
      return { status, headers, chunks: readChunks(exchange, request.maxBytes ?? ONE_MIB), phases: exchange.phases };
    },
    close: () => agents.close(),
  };
}

interface Exchange {
  response: Response;
  phases: Phases;
  /** Runs a step of reading the body, and converts its errors to `HttpClientError`. */
  guard<T>(step: () => Promise<T>): Promise<T>;
  finish(): void;
}

/** Sends the request and resolves when the headers of the answer have arrived. */
async function open(agents: Agents, request: HttpRequest): Promise<Exchange> {
  const url = new URL(request.url);
  const { agent, proxy } = agents.for(url);
  const stop = new AbortController();
  const phases: Phases = {};
  const start = performance.now();
  let timedOut = false;
  // No AbortSignal.any, because it leaves a weak reference on a signal that lives as long as the process.
  const giveUp = () => stop.abort();
  const finish = () => {
    clearTimeout(timer);
    request.signal?.removeEventListener('abort', giveUp);
    phases.total ??= performance.now() - start;
  };
  const timer = setTimeout(() => {
    timedOut = true;
    stop.abort();
    finish();
  }, request.timeoutMs);
  if (request.signal !== undefined) {
    // Many requests may share one signal. Above the default limit of ten listeners Node.js prints a warning.
    setMaxListeners(0, request.signal);
    request.signal.addEventListener('abort', giveUp);
  }
  if (request.signal?.aborted) giveUp();
  const guard = async <T>(step: () => Promise<T>): Promise<T> => {
    try {
      return await step();
    } catch (error) {
      finish();
      throw toHttpClientError(error, { url, proxy, phases, timedOut, givenUp: stop.signal.aborted });
    }
  };
  const ownAgent = withPhases(withChunkedEnds(agent), phases, () => performance.now());
  const response = await guard(async () => {
    // If the signal is already aborted, node-fetch destroys the request body before it listens for the error.
    stop.signal.throwIfAborted();
    const options = fetchOptions(request, credentialsOf(url));
    const answer = await fetch(withoutCredentials(url), { ...options, agent: ownAgent, signal: stop.signal });
    if (proxy !== undefined) rejectProxyAnswer(answer, phases);
    return answer;
  });
  return { response, phases, guard, finish };
}

/** Throws if the answer comes from the proxy: it opened no tunnel, or requires a password (407). */
function rejectProxyAnswer(response: Response, { tunnelStatus = 200 }: Phases): void {
  const status = tunnelStatus === 200 ? response.status : tunnelStatus;
  if (tunnelStatus === 200 && status !== 407) return;
  destroyBody(response);
  throw Object.assign(new Error(`the proxy answered ${status}`), { type: PROXY_REJECTED, code: `HTTP ${status}` });
}

/** Redirects are never followed. No platform API redirects, and a redirect could send a token to another host. */
function fetchOptions(request: HttpRequest, credentials: Record<string, string>): RequestInit {
  const hasBody = request.json !== undefined;
  return {
    method: request.method ?? (hasBody ? 'POST' : 'GET'),
    headers: {
      ...(hasBody ? { 'content-type': 'application/json; charset=utf-8' } : {}),
      'user-agent': 'chatbot-ops-bundle',
      ...credentials,
      ...request.headers,
    },
    ...(hasBody ? { body: JSON.stringify(request.json) } : {}),
    redirect: 'manual',
    size: request.maxBytes ?? ONE_MIB,
  };
}

async function* readChunks(exchange: Exchange, maxBytes: number): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let received = 0;
  try {
    const iterator = exchange.response.body?.[Symbol.asyncIterator]();
    while (iterator) {
      const step = await exchange.guard(() => iterator.next());
      if (step.done) return;
      const bytes = step.value as Buffer; // node-fetch yields bodies as bytes
      received += bytes.length;
      if (received > maxBytes) await exchange.guard(() => Promise.reject(tooLarge(maxBytes)));
      yield decoder.decode(bytes, { stream: true });
    }
  } finally {
    exchange.finish();
    destroyBody(exchange.response);
  }
}

function destroyBody({ body }: Response): void {
  (body as { destroy?: () => void } | null)?.destroy?.(); // a Readable, typed as its smaller interface
}

function tooLarge(maxBytes: number): Error {
  return Object.assign(new Error(`more than ${maxBytes} bytes`), { type: TOO_LARGE });
}
