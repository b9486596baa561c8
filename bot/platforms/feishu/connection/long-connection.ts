// Feishu's long connection: the app asks for an address and takes its events over a WebSocket, as protobuf frames.
import { z } from 'zod';
import type { CallbackResult } from '../../../domain/callback.ts';
import {
  ConnectionRejectedError,
  type Protocol,
  type Talk,
  type Timing,
  type Wire,
} from '../../../domain/connection.ts';
import type { HttpClient, HttpResponse } from '../../../http-client/http-client.ts';
import { shorten } from '../../../http-client/shorten.ts';
import { parseJson } from '../../../runtime/json.ts';
import { lenient, optional } from '../../shared/optional.ts';
import type { FeishuApp } from '../app.ts';
import type { BotIdOf } from '../inbound/read-event.ts';
import { readGenuine } from '../inbound/receive.ts';
import { createFragments } from './fragments.ts';
import { decodeFrame, encodeFrame, type Frame, METHODS } from './frame.ts';

/** "System busy" and "internal error"; everything else finds fault with the app: its credentials, its settings. */
const PASSING_CODES = [1, 1000040343];

const clientConfig = z.looseObject({ PingInterval: z.number().positive().max(600) });
const placeAnswer = z.object({
  code: z.literal(0),
  data: z.object({ URL: z.url({ protocol: /^wss?$/ }), ClientConfig: lenient(clientConfig) }),
});
const errorAnswer = z.looseObject({ code: z.number(), msg: optional(z.string()) });

export interface FeishuLongConnectionOptions {
  app: FeishuApp;
  /** Without a slash at its end. */
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
    async locate(signal) {
      const response = await http.request({
        url: `${baseUrl}/callback/ws/endpoint`,
        json: { AppID: app.appId, AppSecret: app.appSecret },
        timeoutMs: timing.openMs,
        signal,
      });
      const place = placeAnswer.safeParse(response.json);
      if (!place.success) throw refusalOf(response);
      const { URL: url, ClientConfig: config } = place.data.data;
      const pingMs = config ? config.PingInterval * 1000 : timing.pingMs;
      return { url, talk: (wire) => createTalk({ app, botIdOf, wire, pingMs, clock, service: serviceOf(url) }) };
    },
  };
}

function refusalOf({ status, json, text }: HttpResponse): ConnectionRejectedError {
  const error = errorAnswer.safeParse(json).data;
  const message = shorten(error?.msg || text);
  if (!error) return new ConnectionRejectedError({ code: `HTTP ${status}`, message, lasting: false });
  return new ConnectionRejectedError({
    code: String(error.code),
    message,
    lasting: !PASSING_CODES.includes(error.code),
  });
}

/** Buttons of cards want an answer; it goes with the acknowledgement. */
function acknowledgement(verdict: CallbackResult): Buffer {
  const body = JSON.stringify('body' in verdict ? verdict.body : {});
  const data = body === '{}' ? {} : { data: Buffer.from(body).toString('base64') };
  return Buffer.from(JSON.stringify({ code: 200, ...data }));
}

/** Pings name the service that the address names. An error while pinging would end the process. */
function serviceOf(url: string): number {
  const service = Number(new URL(url).searchParams.get('service_id'));
  return Number.isSafeInteger(service) ? service : 0;
}

interface TalkOptions {
  app: FeishuApp;
  botIdOf: BotIdOf;
  wire: Wire;
  pingMs: number;
  clock: () => number;
  service: number;
}

function createTalk({ app, botIdOf, wire, pingMs, clock, service }: TalkOptions): Talk {
  const join = createFragments(clock);
  let pingEveryMs = pingMs;

  /** The answer to a ping brings the interval that counts from now on. */
  function control({ payload }: Frame): void {
    const config = clientConfig.safeParse(parseJson(payload?.toString('utf8') ?? ''));
    if (config.success) pingEveryMs = config.data.PingInterval * 1000;
  }

  async function deliver(frame: Frame): Promise<void> {
    const started = clock();
    const header = new Map(frame.headers);
    const whole = join({
      messageId: header.get('message_id') ?? '',
      sum: Number(header.get('sum') ?? 1),
      seq: Number(header.get('seq') ?? 0),
      payload: frame.payload ?? Buffer.alloc(0),
    });
    if (whole === undefined) return;
    // The connection was opened with the app's secret and is encrypted: its events need no key and no token.
    const genuine = { appId: app.appId, appSecret: app.appSecret };
    const verdict = readGenuine(genuine, parseJson(whole.toString('utf8')), botIdOf);
    if (!(await wire.take(verdict))) return;
    const headers: Frame['headers'] = [...frame.headers, ['biz_rt', String(clock() - started)]];
    wire.send(encodeFrame({ ...frame, headers, payload: acknowledgement(verdict) }));
  }

  return {
    pingEveryMs: () => pingEveryMs,
    ping() {
      const headers: Frame['headers'] = [['type', 'ping']];
      wire.send(encodeFrame({ seqId: 0n, logId: 0n, service, method: METHODS.control, headers }));
    },
    async receive(data) {
      const frame = decodeFrame(data);
      if (frame.method === METHODS.control) control(frame);
      else if (frame.method === METHODS.data) await deliver(frame);
    },
  };
}
