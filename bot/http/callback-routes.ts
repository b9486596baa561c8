// Serves the platforms' callbacks, directly on Node's HTTP server.
// A framework would need more CPU time than verification and decryption, and callbacks must be acknowledged in time.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type CallbackHead, type RejectedReason, UNSIGNED_BODY_BYTES } from '../domain/callback.ts';
import type { Platform } from '../domain/platform.ts';
import type { CallbackAnswer, Intake, RejectionReason } from '../intake/intake.ts';
import { httpLabels } from '../telemetry/labels.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import { type BodyReader, createBodyReader, type ReadBody } from './body-reader.ts';

/** Memory for all unfinished bodies, in bytes. The container has 192 MiB. */
export const BODIES_BYTES = 16 * 1_048_576;

/** Maximum bytes of a rejected body that are read and discarded, so that the sender can read the answer. */
const DISCARDED_BYTES = UNSIGNED_BODY_BYTES;

export interface CallbackRoutesDeps {
  /** Platform of each path. */
  routes: ReadonlyMap<string, Platform>;
  intake: Intake;
  metrics: Metrics;
  /** Returns the sender's address, which is logged for a rejected callback. */
  clientIp: (request: IncomingMessage) => string | undefined;
  /** Milliseconds since 1970. */
  clock: () => number;
}

/** Creates a handler that answers callbacks. It returns false and does nothing for other requests. */
export function createCallbackRoutes(
  deps: CallbackRoutesDeps,
): (request: IncomingMessage, response: ServerResponse) => boolean {
  const bodies = createBodyReader(BODIES_BYTES);
  return (request, response) => {
    const [path = '', query] = (request.url ?? '').split('?', 2);
    const route = path.replace(/\/$/, '');
    const platform = deps.routes.get(route);
    if (platform === undefined || request.method !== 'POST') return false;
    handleCallback(deps, bodies, { platform, route, query, request, response }).catch(() => response.destroy());
    return true;
  };
}

interface CallbackExchange {
  platform: Platform;
  route: string;
  query: string | undefined;
  request: IncomingMessage;
  response: ServerResponse;
}

async function handleCallback(deps: CallbackRoutesDeps, bodies: BodyReader, exchange: CallbackExchange): Promise<void> {
  const { intake, metrics, clientIp, clock } = deps;
  const { platform, request } = exchange;
  const start = performance.now();
  const head = headOf(exchange, clock());
  const body = await readBody(deps, bodies, exchange, head);
  const from = () => clientIp(request);
  const isRead = typeof body !== 'string';
  const answer = isRead
    ? await intake.callback(platform, { headers: head.headers, query: head.query, now: head.now, rawBody: body }, from)
    : intake.reject(platform, body, from);
  if (!isRead && isSmall(request)) await discard(request);
  respond(exchange.response, answer, isRead);
  const labels = httpLabels(exchange.route, 'POST', answer.status);
  metrics.httpRequestDuration.observe(labels, (performance.now() - start) / 1000);
}

/** Returns the complete body, or the reason for rejecting it. Reads no byte if the head is a reason to reject it. */
async function readBody(
  { intake }: CallbackRoutesDeps,
  bodies: BodyReader,
  { platform, request }: CallbackExchange,
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

function headOf({ request, query }: CallbackExchange, now: number): CallbackHead {
  return {
    headers: request.headers as Record<string, string | undefined>, // only `set-cookie` would be a list
    query: query === undefined ? {} : Object.fromEntries(new URLSearchParams(query)),
    now,
  };
}

/**
 * Returns true if the rest of the body may be discarded. The body reader pauses the socket of a body that it gave up.
 */
function isSmall({ headers, socket }: IncomingMessage): boolean {
  return Number(headers['content-length']) <= DISCARDED_BYTES && !socket.isPaused();
}

/** Reads and discards the body until its end. The listener's timeouts limit the duration. */
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

/**
 * Sends the answer. Closes the connection of a rejected callback, because an unverified sender must not keep it open,
 * and an unread body must not be parsed as the next request.
 */
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
