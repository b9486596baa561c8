// The routes of the platforms' callbacks. Straight on Node's HTTP server: what comes here comes in crowds and must be answered in time, and the framework would cost more than verifying and decrypting.
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { CallbackRequest, RejectedReason } from '../channels/channel.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import { httpLabels, type Platform } from '../telemetry/names.ts';
import type { CallbackAnswer, Intake } from './intake.ts';

/** Feishu's largest events are far below; whatever is larger is no callback. */
const MAX_BODY_BYTES = 1_048_576;

const platforms = new Map<string, Platform>([
  ['/feishu/verify', 'feishu'],
  ['/feishu/event', 'feishu'],
  ['/dingtalk/callback', 'dingtalk'],
]);

export interface CallbackRoutesDeps {
  intake: Intake;
  metrics: Metrics;
  /** Address of whoever sent the request, told in the log when it is refused. */
  clientIp: (request: IncomingMessage) => string;
  /** Milliseconds since 1970. */
  clock: () => number;
}

/** Answers a callback; false, and nothing done, when the request is something else. */
export function createCallbackRoutes(
  deps: CallbackRoutesDeps,
): (request: IncomingMessage, response: ServerResponse) => boolean {
  return (request, response) => {
    const [path = '', query] = (request.url ?? '').split('?', 2);
    const route = path.replace(/\/$/, '');
    const platform = platforms.get(route);
    if (platform === undefined || request.method !== 'POST') return false;
    answer(deps, { platform, route, query, request, response }).catch(() => response.destroy());
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

async function answer({ intake, metrics, clientIp, clock }: CallbackRoutesDeps, call: Call): Promise<void> {
  const { platform, request } = call;
  const start = performance.now();
  const body = refuseByHeaders(request) ?? (await readBody(request));
  const from = () => clientIp(request);
  const answered =
    typeof body === 'string'
      ? intake.refuse(platform, body, from)
      : await intake.callback(platform, callbackOf(call, body, clock()), from);
  // Whatever of an unread body is still coming must not be taken for the next request.
  respond(call.response, answered, typeof body === 'string');
  const labels = httpLabels(call.route, 'POST', answered.status);
  metrics.httpRequestDuration.observe(labels, (performance.now() - start) / 1000);
}

function refuseByHeaders({ headers }: IncomingMessage): RejectedReason | undefined {
  const type = headers['content-type'] ?? '';
  const encoding = headers['content-encoding'] ?? 'identity';
  if (!/^application\/json\s*(;|$)/i.test(type) || encoding !== 'identity') return 'unsupported_media_type';
  return Number(headers['content-length'] ?? 0) > MAX_BODY_BYTES ? 'too_large' : undefined;
}

/** The whole body, or why there is none. */
function readBody(request: IncomingMessage): Promise<Buffer | RejectedReason> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  return new Promise((resolve) => {
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes <= MAX_BODY_BYTES) chunks.push(chunk);
      else resolve('too_large');
    });
    request.on('end', () => resolve(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks)));
    request.on('error', () => resolve('incomplete_body'));
    request.on('close', () => resolve('incomplete_body'));
  });
}

function callbackOf({ request, query }: Call, rawBody: Buffer, now: number): CallbackRequest {
  return {
    headers: request.headers as Record<string, string | undefined>, // only `set-cookie` would be a list
    query: query === undefined ? {} : Object.fromEntries(new URLSearchParams(query)),
    rawBody,
    now,
  };
}

function respond(response: ServerResponse, { status, body }: CallbackAnswer, close: boolean): void {
  const text = JSON.stringify(body);
  response.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(text),
    ...(close ? { connection: 'close' } : {}),
  });
  response.end(text);
}
