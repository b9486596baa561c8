// Feishu's server API, as far as the bot calls it: a token, the bot's own id, messages and their updates.
import { z } from 'zod';
import type { SendFailure, SendResult } from '../../../domain/delivery.ts';
import type { HttpClient, HttpRequest, HttpResponse } from '../../../http-client/http-client.ts';
import { shorten } from '../../../http-client/shorten.ts';
import { lenient, listOf } from '../../shared/optional.ts';
import { PlatformError, resultOfFailure, tokenFailure } from '../../shared/platform-call.ts';
import type { Token } from '../../shared/token-cache.ts';
import type { FeishuApp } from '../app.ts';
import { classifyFeishu } from './codes.ts';
import type { Rendered } from './render.ts';

const TOKEN_TIMEOUT_MS = 5_000;
const SEND_TIMEOUT_MS = 10_000;

const answer = z.looseObject({ code: z.number(), msg: lenient(z.string()) });
const tokenAnswer = z.object({ code: z.literal(0), tenant_access_token: z.string(), expire: z.number() });
const infoAnswer = z.object({ code: z.literal(0), bot: z.object({ open_id: z.string().min(1) }) });
const messageAnswer = z.object({ code: z.literal(0), data: z.object({ message_id: z.string() }) });

const mention = z.object({ key: z.string(), name: lenient(z.string()) });
const storedMessage = z.object({
  msg_type: z.string(),
  chat_id: z.string(),
  deleted: lenient(z.boolean()),
  body: z.object({ content: z.string() }),
  mentions: lenient(listOf(mention)),
});
/** A merged message lists its parts behind itself. */
const storedAnswer = z.object({ code: z.literal(0), data: z.object({ items: z.tuple([storedMessage], z.unknown()) }) });
/** A message of a chat as the platform keeps it. */
export type StoredMessage = z.infer<typeof storedMessage>;

/** Where a message goes: plainly to the chat, or as the reply to a message. */
export type Place = { chatId: string } | { replyTo: string; inThread: boolean };

/** A call with its token. */
export interface Call {
  token: string;
  signal: AbortSignal;
}

export interface FeishuApi {
  /** `POST /auth/v3/tenant_access_token/internal`. Throws `PlatformError`. */
  fetchToken(app: FeishuApp): Promise<Token>;
  /** `GET /bot/v3/info`: the bot's `open_id`. `sent` here means told. */
  fetchBotId(call: Call): Promise<SendResult>;
  /** `GET /im/v1/messages/:id`; `onMessage` is called before the result is `sent`. */
  fetchMessage(messageId: string, call: Call, onMessage: (message: StoredMessage) => void): Promise<SendResult>;
  /** The same `uuid` within an hour is one message, however often it is sent. */
  post(place: Place, message: Rendered & { uuid: string }, call: Call): Promise<SendResult>;
  /** `PATCH /im/v1/messages/:id`: a card's new content. Repeating it changes nothing. */
  patch(messageId: string, card: string, call: Call): Promise<SendResult>;
}

/** `baseUrl` without a slash at its end. */
export function createFeishuApi(http: HttpClient, baseUrl: string): FeishuApi {
  const request = (path: string, { token, signal }: Call, rest: Pick<HttpRequest, 'method' | 'json'> = {}) => {
    const headers = { authorization: `Bearer ${token}` };
    return http.request({ url: `${baseUrl}/open-apis${path}`, headers, timeoutMs: SEND_TIMEOUT_MS, signal, ...rest });
  };
  return {
    async fetchToken(app) {
      const response = await http
        .request({
          url: `${baseUrl}/open-apis/auth/v3/tenant_access_token/internal`,
          json: { app_id: app.appId, app_secret: app.appSecret },
          timeoutMs: TOKEN_TIMEOUT_MS,
        })
        .catch((error: unknown) => {
          throw tokenFailure(error);
        });
      const token = tokenAnswer.safeParse(response.json);
      if (token.success) return { value: token.data.tenant_access_token, lifetimeSeconds: token.data.expire };
      throw new PlatformError(failureOf(response, 'token'));
    },

    async fetchBotId(call) {
      const response = await request('/bot/v3/info', call);
      const told = infoAnswer.safeParse(response.json);
      return told.success ? sent(response, told.data.bot.open_id) : unsent(response);
    },

    async fetchMessage(messageId, call, onMessage) {
      const response = await request(`/im/v1/messages/${segmentOf(messageId)}`, call);
      const found = storedAnswer.safeParse(response.json);
      if (!found.success) return unsent(response);
      onMessage(found.data.data.items[0]);
      return sent(response, messageId);
    },

    async post(place, { uuid, ...message }, call) {
      const response =
        'chatId' in place
          ? await request('/im/v1/messages?receive_id_type=chat_id', call, {
              json: { receive_id: place.chatId, ...message, uuid },
            })
          : await request(`/im/v1/messages/${segmentOf(place.replyTo)}/reply`, call, {
              json: { ...message, reply_in_thread: place.inThread, uuid },
            });
      const taken = messageAnswer.safeParse(response.json);
      return taken.success ? sent(response, taken.data.data.message_id) : unsent(response);
    },

    async patch(messageId, card, call) {
      const path = `/im/v1/messages/${segmentOf(messageId)}`;
      const response = await request(path, call, { method: 'PATCH', json: { content: card } });
      return answer.safeParse(response.json).data?.code === 0 ? sent(response, messageId) : unsent(response);
    },
  };
}

/** An id with a lone surrogate is no URI: the platform does not know the id without it either, and says so. */
function segmentOf(id: string): string {
  return encodeURIComponent(id.toWellFormed());
}

function sent(response: HttpResponse, platformMessageId: string): SendResult {
  return { outcome: 'sent', platformMessageId, ...logIdOf(response) };
}

/** A code of 0 without the message's id promises nothing: neither sent nor refused. */
function unsent(response: HttpResponse): SendResult {
  const failure = failureOf(response, 'send');
  return failure.code === '0' ? { outcome: 'unknown', failure } : resultOfFailure(failure);
}

function failureOf(response: HttpResponse, stage: 'token' | 'send'): SendFailure {
  const parsed = answer.safeParse(response.json);
  const code = parsed.success ? parsed.data.code : undefined;
  return {
    class: classifyFeishu(code, response.status),
    stage,
    code: code === undefined ? `HTTP ${response.status}` : String(code),
    message: shorten(parsed.success ? parsed.data.msg : response.text),
    ...logIdOf(response),
    ...waitOf(response),
  };
}

function logIdOf({ headers }: HttpResponse): { logId?: string } {
  const logId = headers.get('x-tt-logid');
  return logId ? { logId } : {};
}

/** The platform's own header first; a gateway before it knows only the common one. Both in seconds. */
function waitOf({ headers }: HttpResponse): { retryAfterMs?: number } {
  const seconds = ['x-ogw-ratelimit-reset', 'retry-after'].map((name) => Number(headers.get(name)));
  const wait = seconds.find((value) => value > 0);
  return wait === undefined ? {} : { retryAfterMs: wait * 1000 };
}
