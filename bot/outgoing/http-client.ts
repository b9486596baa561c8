// The one door out: every request the bot makes to another server goes through here.

import fetch, { AbortError, type RequestInit, type Response } from 'node-fetch';
import { parseJson } from '../json.ts';
import { type Agents, createAgents } from './agents.ts';
import { kindOfCode, OutgoingError, systemCode } from './errors.ts';
import { type Phases, withPhases } from './phases.ts';

export interface HttpRequest {
  url: string;
  method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  headers?: Record<string, string>;
  /** Sent as JSON. */
  json?: unknown;
  /** From the first step to the last byte. */
  timeoutMs: number;
  /** The largest answer taken, bytes of text. Default 1 MiB. */
  maxBytes?: number;
  /** Gives the request up early; the error then is of kind `aborted`. */
  signal?: AbortSignal;
}

export interface HttpResponse {
  status: number;
  headers: { get(name: string): string | null };
  text: string;
  /** The parsed body, or undefined when it is not JSON: platforms answer HTML when they throttle by address. */
  json: unknown;
  phases: Phases;
}

export interface HttpStream {
  status: number;
  headers: { get(name: string): string | null };
  /** Throws an `OutgoingError` when the stream ends early. */
  chunks: AsyncIterable<string>;
  phases: Phases;
}

export interface HttpClient {
  /** Any HTTP status is an answer; throws `OutgoingError` when there is none. */
  request(request: HttpRequest): Promise<HttpResponse>;
  /** The same, with the body as it arrives. `timeoutMs` still bounds the whole. */
  stream(request: HttpRequest): Promise<HttpStream>;
  close(): void;
}

const ONE_MIB = 1024 * 1024;

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
      return { status, headers, chunks: readChunks(exchange), phases: exchange.phases };
    },
    close: () => agents.close(),
  };
}

interface Exchange {
  response: Response;
  phases: Phases;
  /** Runs a step of reading the body, turning what it throws into an `OutgoingError`. */
  guard<T>(step: () => Promise<T>): Promise<T>;
  finish(): void;
}

/** Sends the request and resolves when the headers of the answer are there. */
async function open(agents: Agents, request: HttpRequest): Promise<Exchange> {
  const url = new URL(request.url);
  const deadline = new AbortController();
  const timer = setTimeout(() => deadline.abort(), request.timeoutMs);
  const signal = request.signal ? AbortSignal.any([deadline.signal, request.signal]) : deadline.signal;
  const phases: Phases = {};
  const start = performance.now();
  const finish = () => {
    clearTimeout(timer);
    phases.total ??= performance.now() - start;
  };
  const guard = async <T>(step: () => Promise<T>): Promise<T> => {
    try {
      return await step();
    } catch (error) {
      finish();
      throw toOutgoingError(error, { url, phases, timedOut: deadline.signal.aborted });
    }
  };
  const agent = withPhases(agents.for(url), phases, () => performance.now());
  const response = await guard(() => fetch(request.url, { ...fetchOptions(request), agent, signal }));
  return { response, phases, guard, finish };
}

/** Redirects are never followed: no platform API redirects, and a redirect may carry a token to another host. */
function fetchOptions(request: HttpRequest): RequestInit {
  const hasBody = request.json !== undefined;
  return {
    method: request.method ?? (hasBody ? 'POST' : 'GET'),
    headers: {
      ...(hasBody ? { 'content-type': 'application/json; charset=utf-8' } : {}),
      'user-agent': 'chatbot-ops-bundle',
      ...request.headers,
    },
    ...(hasBody ? { body: JSON.stringify(request.json) } : {}),
    redirect: 'manual',
    size: request.maxBytes ?? ONE_MIB,
  };
}

async function* readChunks(exchange: Exchange): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  const body = exchange.response.body;
  try {
    const iterator = body?.[Symbol.asyncIterator]();
    while (iterator) {
      const step = await exchange.guard(() => iterator.next());
      if (step.done) return;
      yield decoder.decode(step.value as Buffer, { stream: true });
    }
  } finally {
    exchange.finish();
    (body as { destroy?: () => void } | null)?.destroy?.();
  }
}

interface Failure {
  url: URL;
  phases: Phases;
  timedOut: boolean;
}

function toOutgoingError(error: unknown, { url, phases, timedOut }: Failure): OutgoingError {
  const connected =
    phases.reusedSocket === true || (url.protocol === 'https:' ? phases.tls : phases.connect) !== undefined;
  const target = `${url.hostname}:${url.port || (url.protocol === 'https:' ? '443' : '80')}`;
  const base = { target, cause: error, maybeReceived: connected };
  if (timedOut) return new OutgoingError({ ...base, kind: 'timeout', code: 'ETIMEDOUT' });
  if (error instanceof AbortError) return new OutgoingError({ ...base, kind: 'aborted', code: 'ABORT_ERR' });
  const code = systemCode(error);
  if ((error as { type?: unknown }).type === 'max-size') {
    return new OutgoingError({ ...base, kind: 'too_large', code: 'max-size' });
  }
  if (String((error as Error).message).includes('Proxy')) {
    return new OutgoingError({ ...base, kind: 'proxy', code: code ?? 'EPROXY', maybeReceived: false });
  }
  return new OutgoingError({ ...base, kind: kindOfCode(code, connected), code: code ?? 'UNKNOWN' });
}
