// The routes of the platforms' callbacks. Straight on Node's HTTP server: what comes here comes in crowds and must be answered in time, and the framework would cost more than verifying and decrypting.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type CallbackHead, type RejectedReason, UNSIGNED_BODY_BYTES } from '../domain/callback.ts';
import type { Platform } from '../domain/platform.ts';
import type { CallbackAnswer, Intake, RejectionReason } from '../intake/intake.ts';
import { httpLabels } from '../telemetry/labels.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import { type BodyReader, createBodyReader, type ReadBody } from './body-reader.ts';

/** Memory for all bodies under way; the container has 192 MiB. */
const BODIES_BYTES = 16 * 1_048_576;

/** A refused body of at most this length is read and thrown away, so that the sender can read the answer. */
const DISCARDED_BYTES = UNSIGNED_BODY_BYTES;

export interface CallbackRoutesDeps {
  /** Platform of each path. */
  routes: ReadonlyMap<string, Platform>;
  intake: Intake;
  metrics: Metrics;
  /** Address of the sender, which the log names for a rejected callback. */
  clientIp: (request: IncomingMessage) => string | undefined;
  /** Milliseconds since 1970. */
  clock: () => number;
}

/** Answers a callback; false, and nothing done, when the request is something else. */
export function createCallbackRoutes(
  deps: CallbackRoutesDeps,
): (request: IncomingMessage, response: ServerResponse) => boolean {
  const bodies = createBodyReader(BODIES_BYTES);
  return (request, response) => {
    const [path = '', query] = (request.url ?? '').split('?', 2);
    const route = path.replace(/\/$/, '');
    const platform = deps.routes.get(route);
    if (platform === undefined || request.method !== 'POST') return false;
    answer(deps, bodies, { platform, route, query, request, response }).catch(() => response.destroy());
    return true;
  };
}

interface Call {
  platform: Platform;
  route: string;
  query: string | undefined;
  request: IncomingMessage;
  response: ServerResponse;
}

async function answer(deps: CallbackRoutesDeps, bodies: BodyReader, call: Call): Promise<void> {
  const { intake, metrics, clientIp, clock } = deps;
  const { platform, request } = call;
  const start = performance.now();
  const head = headOf(call, clock());
  const body = await readBody(deps, bodies, call, head);
  const from = () => clientIp(request);
  const isRead = typeof body !== 'string';
  const answered = isRead
    ? await intake.callback(platform, { headers: head.headers, query: head.query, now: head.now, rawBody: body }, from)
    : intake.reject(platform, body, from);
  if (!isRead && isSmall(request)) await discard(request);
  respond(call.response, answered, isRead);
  const labels = httpLabels(call.route, 'POST', answered.status);
  metrics.httpRequestDuration.observe(labels, (performance.now() - start) / 1000);
}

/** The whole body, or why there is none. What the head decides costs no byte of the body. */
async function readBody(
  { intake }: CallbackRoutesDeps,
  bodies: BodyReader,
  { platform, request }: Call,
  head: CallbackHead,
): Promise<ReadBody | RejectionReason> {
  const reason = checkContentType(head);
  if (reason !== undefined) return reason;
  const terms = intake.screen(platform, head);
  if ('reason' in terms) return terms.reason;
  if (Number(head.headers['content-length'] ?? 0) > terms.maxBytes) return 'too_large';
  return bodies.read(request, terms);
}

function checkContentType({ headers }: CallbackHead): RejectedReason | undefined {
  const type = headers['content-type'] ?? '';
  const encoding = headers['content-encoding'] ?? 'identity';
  return /^application\/json\s*(;|$)/i.test(type) && encoding === 'identity' ? undefined : 'unsupported_media_type';
}

function headOf({ request, query }: Call, now: number): CallbackHead {
  return {
    headers: request.headers as Record<string, string | undefined>, // only `set-cookie` would be a list
    query: query === undefined ? {} : Object.fromEntries(new URLSearchParams(query)),
    now,
  };
}

/** Whether the rest of the body is worth reading; the body reader has paused what it gave up. */
function isSmall({ headers, socket }: IncomingMessage): boolean {
  return Number(headers['content-length']) <= DISCARDED_BYTES && !socket.isPaused();
}

/** Resolves when nothing more is coming; the listener's timeouts bound it. */
function discard(request: IncomingMessage): Promise<void> {
  if (request.complete || request.destroyed) return Promise.resolve();
  return new Promise((resolve) => {
    request
      .once('close', resolve)
      .once('end', resolve)
      .once('error', () => resolve());
    request.resume();
  });
}

/** Ends the connection of a rejected callback: a stranger keeps none, and an unread body must not become a request. */
function respond(response: ServerResponse, { status, body }: CallbackAnswer, isRead: boolean): void {
  const close = !isRead || (status >= 400 && status < 500);
  const text = JSON.stringify(body);
  response.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(text),
    ...(close ? { connection: 'close' } : {}),
  });
  response.end(text);
}
