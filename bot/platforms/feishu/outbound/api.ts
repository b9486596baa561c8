// Client of Feishu's server API: fetches tokens, the bot's own id and messages; sends and updates messages.
import { z } from 'zod';
import type { SendFailure, SendResult } from '../../../domain/delivery.ts';
import type { HttpClient, HttpRequest, HttpResponse } from '../../../http-client/http-client.ts';
import { shorten } from '../../../http-client/shorten.ts';
import { lenient, listOf } from '../../shared/optional.ts';
import {
  type FailedCall,
  type FetchResult,
  PlatformError,
  resultOfFailure,
  tokenFailure,
} from '../../shared/platform-call.ts';
import type { Token } from '../../shared/token-cache.ts';
import type { FeishuApp } from '../app.ts';
import { classifyFeishu } from './codes.ts';
import type { FeishuMessage } from './render.ts';

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
/** `items` begins with the message itself. The parts of a merged message follow. */
const storedAnswer = z.object({ code: z.literal(0), data: z.object({ items: z.tuple([storedMessage], z.unknown()) }) });
/** A chat message as Feishu stores it. */
export type StoredMessage = z.infer<typeof storedMessage>;

/** Destination of a message: the chat itself, or a reply to a message. */
export type FeishuDestination = { chatId: string } | { replyTo: string; inThread: boolean };

/** Access token and abort signal of a call. */
export interface FeishuCall {
  token: string;
  signal: AbortSignal;
}

/** Runs a call with a token of the app. Resolves with a failure if there is no token or no answer. */
export type WithToken = <Result extends SendResult | FetchResult<unknown>>(
  app: { appId: string },
  signal: AbortSignal,
  work: (call: FeishuCall) => Promise<Result>,
) => Promise<Result | FailedCall>;

export interface FeishuApi {
  /** `POST /auth/v3/tenant_access_token/internal`. Throws `PlatformError`. */
  fetchToken(app: FeishuApp): Promise<Token>;
  /** `GET /bot/v3/info`. Finds the bot's own `open_id`. */
  fetchBotId(call: FeishuCall): Promise<FetchResult<string>>;
  /** `GET /im/v1/messages/:id`. */
  fetchMessage(messageId: string, call: FeishuCall): Promise<FetchResult<StoredMessage>>;
  /**
   * Sends a message or a reply. Within one hour, requests with the same `uuid` create at most one message
   * (https://open.feishu.cn/document/uAjLw4CM/ukTMukTMukTM/reference/im-v1/message/create, read 2026-11).
   */
  post(
    destination: FeishuDestination,
    message: FeishuMessage & { uuid: string },
    call: FeishuCall,
  ): Promise<SendResult>;
  /** `PATCH /im/v1/messages/:id`: replaces the content of a card. Idempotent. */
  patch(messageId: string, card: string, call: FeishuCall): Promise<SendResult>;
}

/** Returns path and body of a request for an access token. */
export function tokenRequest({ appId, appSecret }: FeishuApp): { path: string; json: object } {
  return {
    path: '/open-apis/auth/v3/tenant_access_token/internal',
    json: { app_id: appId, app_secret: appSecret },
  };
}

/** `baseUrl` ends without a slash. */
export function createFeishuApi(http: HttpClient, baseUrl: string): FeishuApi {
  const request = (path: string, { token, signal }: FeishuCall, rest: Pick<HttpRequest, 'method' | 'json'> = {}) => {
    const headers = { authorization: `Bearer ${token}` };
    return http.request({ url: `${baseUrl}/open-apis${path}`, headers, timeoutMs: SEND_TIMEOUT_MS, signal, ...rest });
  };
  return {
    async fetchToken(app) {
      const { path, json } = tokenRequest(app);
      const response = await http
        .request({ url: `${baseUrl}${path}`, json, timeoutMs: TOKEN_TIMEOUT_MS })
        .catch((error: unknown) => {
          throw tokenFailure(error);
        });
      const token = tokenAnswer.safeParse(response.json);
      if (token.success) return { value: token.data.tenant_access_token, lifetimeSeconds: token.data.expire };
      throw new PlatformError(failureOf(response, 'token'));
    },

    async fetchBotId(call) {
      const response = await request('/bot/v3/info', call);
      const info = infoAnswer.safeParse(response.json);
      return info.success ? { outcome: 'found', value: info.data.bot.open_id } : failed(response);
    },

    async fetchMessage(messageId, call) {
      const response = await request(`/im/v1/messages/${segmentOf(messageId)}`, call);
      const stored = storedAnswer.safeParse(response.json);
      return stored.success ? { outcome: 'found', value: stored.data.data.items[0] } : failed(response);
    },

    async post(destination, { uuid, ...message }, call) {
      const response =
        'chatId' in destination
          ? await request('/im/v1/messages?receive_id_type=chat_id', call, {
              json: { receive_id: destination.chatId, ...message, uuid },
            })
          : await request(`/im/v1/messages/${segmentOf(destination.replyTo)}/reply`, call, {
              json: { ...message, reply_in_thread: destination.inThread, uuid },
            });
      const posted = messageAnswer.safeParse(response.json);
      return posted.success ? sent(response, posted.data.data.message_id) : failed(response);
    },

    async patch(messageId, card, call) {
      const path = `/im/v1/messages/${segmentOf(messageId)}`;
      const response = await request(path, call, { method: 'PATCH', json: { content: card } });
      return answer.safeParse(response.json).data?.code === 0 ? sent(response, messageId) : failed(response);
    },
  };
}

/** Returns the id as a path segment. Lone surrogates are replaced, because `encodeURIComponent` throws on them. */
function segmentOf(id: string): string {
  return encodeURIComponent(id.toWellFormed());
}

function sent(response: HttpResponse, platformMessageId: string): SendResult {
  return { outcome: 'sent', platformMessageId, ...logIdOf(response) };
}

/** Returns the failure. If the code is 0 but the expected member is missing, the outcome is unknown. */
function failed(response: HttpResponse): FailedCall {
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

/**
 * Returns the wait that the response asks for. Feishu's own header comes first; a gateway in front of it sends only
 * `retry-after`. Both are in seconds (https://open.feishu.cn/document/server-docs/api-call-guide/frequency-control,
 * read 2026-11).
 */
function waitOf({ headers }: HttpResponse): { retryAfterMs?: number } {
  const seconds = ['x-ogw-ratelimit-reset', 'retry-after'].map((name) => Number(headers.get(name)));
  const wait = seconds.find((value) => value > 0);
  return wait === undefined ? {} : { retryAfterMs: wait * 1000 };
}
