// Implements DingTalk's Stream mode: requests a ticket and receives robot messages over a WebSocket as JSON frames.
import { z } from 'zod';
import type { CallbackResult } from '../../../domain/callback.ts';
import {
  ConnectionRejectedError,
  type ConnectionSession,
  type Protocol,
  type SessionTransport,
  type Timing,
} from '../../../domain/connection.ts';
import type { HttpClient, HttpResponse } from '../../../http-client/http-client.ts';
import { shorten } from '../../../http-client/shorten.ts';
import { parseJson } from '../../../runtime/json.ts';
import { optional } from '../../shared/optional.ts';
import type { DingtalkApp } from '../app.ts';
import { parseEvent, readEvent } from '../inbound/event.ts';
import { readRobot } from '../inbound/receive.ts';

const ROBOT_TOPIC = '/v1.0/im/bot/messages/get';

/** `*` is the only topic for events. The console defines which events are delivered. */
const SUBSCRIPTIONS = [
  { type: 'CALLBACK', topic: ROBOT_TOPIC },
  { type: 'EVENT', topic: '*' },
];

/** Maximum number of own pings without a frame of DingTalk, which pings twice a minute. Counts from its first ping. */
const QUIET_PINGS = 12;

const endpointAnswer = z.object({ endpoint: z.url({ protocol: /^wss?$/ }), ticket: z.string().min(1) });
const errorAnswer = z.looseObject({ code: z.string(), message: optional(z.string()) });
const frame = z.object({
  type: z.string(),
  headers: z.looseObject({ topic: z.string(), messageId: optional(z.string()) }),
  data: optional(z.string()),
});
type StreamFrame = z.infer<typeof frame>;

export interface DingtalkStreamOptions {
  app: DingtalkApp;
  /** URL of the new API. It ends without a slash. */
  baseUrl: string;
  http: HttpClient;
  timing: Pick<Timing, 'openMs' | 'pingMs'>;
}

export function createDingtalkStream({ app, baseUrl, http, timing }: DingtalkStreamOptions): Protocol {
  return {
    platform: 'dingtalk',
    appId: app.appKey,
    async requestEndpoint(signal) {
      const response = await http.request({
        url: `${baseUrl}/v1.0/gateway/connections/open`,
        headers: { accept: 'application/json' },
        json: {
          clientId: app.appKey,
          clientSecret: app.appSecret,
          subscriptions: SUBSCRIPTIONS,
          ua: 'chatbot-ops-bundle',
        },
        timeoutMs: timing.openMs,
        signal,
      });
      const endpoint = endpointAnswer.safeParse(response.json);
      if (response.status !== 200 || !endpoint.success) throw rejectionOf(response);
      const url = new URL(endpoint.data.endpoint);
      url.searchParams.set('ticket', endpoint.data.ticket);
      return { url: url.href, createSession: (transport) => createSession(app, transport, timing.pingMs) };
    },
  };
}

/** Builds the error of a rejected request. A status of 4xx is lasting, because the next request would be the same. */
function rejectionOf({ status, json, text }: HttpResponse): ConnectionRejectedError {
  const { code = `HTTP ${status}`, message = text } = errorAnswer.safeParse(json).data ?? {};
  const lasting = status >= 400 && status < 500 && status !== 408 && status !== 429;
  return new ConnectionRejectedError({ code, message: shorten(message), lasting });
}

function createSession(app: DingtalkApp, transport: SessionTransport, pingMs: number): ConnectionSession {
  let quietPings: number | undefined;
  const answer = ({ headers }: StreamFrame, data: object | string, code = 200) =>
    transport.send(
      JSON.stringify({
        code,
        headers: { contentType: 'application/json', messageId: headers.messageId },
        message: code === 200 ? 'OK' : 'no such topic',
        data: typeof data === 'string' ? data : JSON.stringify(data),
      }),
    );

  function system(message: StreamFrame): void {
    const { topic } = message.headers;
    if (topic === 'ping') {
      quietPings = 0;
      answer(message, message.data ?? '');
    }
    // After this frame DingTalk delivers nothing more, and it closes the connection ten seconds later.
    if (topic === 'disconnect') transport.requestReplacement('announced');
  }

  return {
    pingEveryMs: () => pingMs,
    ping() {
      // WebSocket pongs are no proof of health, because the gateway can send them after losing the app behind it.
      if (quietPings !== undefined && ++quietPings > QUIET_PINGS) transport.requestReplacement('silent');
      else transport.ping();
    },
    async receive(data) {
      if (quietPings !== undefined) quietPings = 0;
      const message = frame.parse(parseJson(data.toString('utf8')));
      const { type, headers } = message;
      if (type === 'SYSTEM') return system(message);
      if (type === 'EVENT') {
        if (await transport.store(readEventFrame(app, message))) answer(message, { status: 'SUCCESS' });
      } else if (headers.topic !== ROBOT_TOPIC) answer(message, {}, 404);
      else if (await transport.store(readRobot(app, parseJson(message.data ?? ''))))
        answer(message, { response: null });
    },
  };
}

const eventData = z.record(z.string(), z.unknown()).catch({});

/** Reads an event. A frame has its ids in headers and the other fields in its data; a callback has all in its body. */
function readEventFrame(app: DingtalkApp, { headers, data }: StreamFrame): CallbackResult {
  const { eventType, eventCorpId, eventId } = headers;
  const ids = { EventType: eventType, CorpId: eventCorpId, eventId };
  const event = parseEvent({ ...eventData.parse(parseJson(data ?? '')), ...ids });
  if (!event) return { kind: 'rejected', reason: 'malformed_event' };
  const read = readEvent(app, event);
  return read.kind === 'message' ? { ...read, body: {} } : { ...read, appId: app.appKey, body: {} };
}
