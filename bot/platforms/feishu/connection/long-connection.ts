// Implements Feishu's long connection: requests an endpoint and receives events over a WebSocket as protobuf frames.
// https://open.feishu.cn/document/ukTMukTMukTM/uYDNxYjL2QTM24iN0EjN/event-subscription-configure-/use-websocket
// (read 2026-11).
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
import { lenient, optional } from '../../shared/optional.ts';
import type { FeishuApp } from '../app.ts';
import { classifyPlain } from '../inbound/body.ts';
import type { BotIdOf } from '../inbound/read-event.ts';
import { readGenuine } from '../inbound/receive.ts';
import { createFragments } from './fragments.ts';
import { decodeFrame, encodeFrame, type FeishuFrame, METHODS } from './frame.ts';

/** "System busy" and "internal error". All other codes are caused by the app: its credentials or its settings. */
const TEMPORARY_CODES = [1, 1000040343];

const clientConfig = z.looseObject({ PingInterval: z.number().positive().max(600) });
const endpointAnswer = z.object({
  code: z.literal(0),
  data: z.object({ URL: z.url({ protocol: /^wss?$/ }), ClientConfig: lenient(clientConfig) }),
});
const errorAnswer = z.looseObject({ code: z.number(), msg: optional(z.string()) });

export interface FeishuLongConnectionOptions {
  app: FeishuApp;
  /** Ends without a slash. */
  baseUrl: string;
  http: HttpClient;
  botIdOf: BotIdOf;
  timing: Pick<Timing, 'openMs' | 'pingMs'>;
  clock: () => number;
}

export function createFeishuLongConnection(options: FeishuLongConnectionOptions): Protocol {
  const { app, baseUrl, http, botIdOf, timing, clock } = options;
  return {
    platform: 'feishu',
    appId: app.appId,
    async requestEndpoint(signal) {
      const response = await http.request({
        url: `${baseUrl}/callback/ws/endpoint`,
        json: { AppID: app.appId, AppSecret: app.appSecret },
        timeoutMs: timing.openMs,
        signal,
      });
      const endpoint = endpointAnswer.safeParse(response.json);
      if (!endpoint.success) throw rejectionOf(response);
      const { URL: url, ClientConfig: config } = endpoint.data.data;
      const pingMs = config ? config.PingInterval * 1000 : timing.pingMs;
      return {
        url,
        createSession: (transport) =>
          createSession({ app, botIdOf, transport, pingMs, clock, service: serviceOf(url) }),
      };
    },
  };
}

function rejectionOf({ status, json, text }: HttpResponse): ConnectionRejectedError {
  const error = errorAnswer.safeParse(json).data;
  const message = shorten(error?.msg || text);
  if (!error) return new ConnectionRejectedError({ code: `HTTP ${status}`, message, lasting: false });
  return new ConnectionRejectedError({
    code: String(error.code),
    message,
    lasting: !TEMPORARY_CODES.includes(error.code),
  });
}

/** Returns the payload of an acknowledgement. It contains the response to a pressed button of a card. */
function acknowledgement(result: CallbackResult): Buffer {
  const body = JSON.stringify('body' in result ? result.body : {});
  const data = body === '{}' ? {} : { data: Buffer.from(body).toString('base64') };
  return Buffer.from(JSON.stringify({ code: 200, ...data }));
}

/** Returns the service id for pings, or 0 if it is invalid, because an error in a ping would end the process. */
function serviceOf(url: string): number {
  const service = Number(new URL(url).searchParams.get('service_id'));
  return Number.isSafeInteger(service) ? service : 0;
}

interface SessionOptions {
  app: FeishuApp;
  botIdOf: BotIdOf;
  transport: SessionTransport;
  pingMs: number;
  clock: () => number;
  service: number;
}

function createSession({ app, botIdOf, transport, pingMs, clock, service }: SessionOptions): ConnectionSession {
  const join = createFragments(clock);
  let pingEveryMs = pingMs;

  /** Reads the new ping interval from a pong. */
  function control({ payload }: FeishuFrame): void {
    const config = clientConfig.safeParse(parseJson(payload?.toString('utf8') ?? ''));
    if (config.success) pingEveryMs = config.data.PingInterval * 1000;
  }

  async function deliver(frame: FeishuFrame): Promise<void> {
    const started = clock();
    const header = new Map(frame.headers);
    const complete = join({
      messageId: header.get('message_id') ?? '',
      sum: Number(header.get('sum') ?? 1),
      seq: Number(header.get('seq') ?? 0),
      payload: frame.payload ?? Buffer.alloc(0),
    });
    if (complete === undefined) return;
    // Events need neither key nor token, because the connection is encrypted and was opened with the app's secret.
    const appOfConnection = { appId: app.appId, appSecret: app.appSecret };
    const body = classifyPlain(parseJson(complete.toString('utf8')));
    const result = readGenuine(appOfConnection, body, botIdOf);
    if (!(await transport.store(result))) return;
    const headers: FeishuFrame['headers'] = [...frame.headers, ['biz_rt', String(clock() - started)]];
    transport.send(encodeFrame({ ...frame, headers, payload: acknowledgement(result) }));
  }

  return {
    pingEveryMs: () => pingEveryMs,
    ping() {
      const headers: FeishuFrame['headers'] = [['type', 'ping']];
      transport.send(encodeFrame({ seqId: 0n, logId: 0n, service, method: METHODS.control, headers }));
    },
    async receive(data) {
      const frame = decodeFrame(data);
      if (frame.method === METHODS.control) control(frame);
      else if (frame.method === METHODS.data) await deliver(frame);
    },
  };
}
