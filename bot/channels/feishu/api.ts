// Feishu's server API, as far as the bot calls it: a token, a message.
import { z } from 'zod';
import type { FeishuApp } from '../../config/settings.ts';
import type { HttpClient, HttpResponse } from '../../outgoing/http-client.ts';
import { shorten } from '../../outgoing/shorten.ts';
import type { OutboundPart, SendFailure, SendResult } from '../channel.ts';
import { PlatformRefusal, refused, tokenFailure } from '../platform-call.ts';
import type { Token } from '../token-cache.ts';
import { classifyFeishu } from './codes.ts';
import type { FeishuTarget } from './event.ts';

const TOKEN_TIMEOUT_MS = 5_000;
const SEND_TIMEOUT_MS = 10_000;

const answer = z.looseObject({ code: z.number(), msg: z.string().optional() });
const tokenAnswer = z.object({ code: z.literal(0), tenant_access_token: z.string(), expire: z.number() });
const messageAnswer = z.object({ code: z.literal(0), data: z.object({ message_id: z.string() }) });

export interface FeishuApi {
  fetchToken(app: FeishuApp): Promise<Token>;
  sendText(part: OutboundPart, token: string, signal: AbortSignal): Promise<SendResult>;
}

/** `baseUrl` without a slash at its end. */
export function createFeishuApi(http: HttpClient, baseUrl: string): FeishuApi {
  return {
    /** `POST /auth/v3/tenant_access_token/internal`. Throws `PlatformRefusal`. */
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
      const failure = failureOf(response, 'token');
      throw new PlatformRefusal(refused(failure).outcome === 'retry' ? 'retry' : 'failed', failure);
    },

    /** `POST /im/v1/messages`. The same `uuid` within an hour is one message, however often it is sent. */
    async sendText(part, token, signal) {
      const { chatId } = part.target as FeishuTarget; // written by this channel's own `receive`
      const response = await http.request({
        url: `${baseUrl}/open-apis/im/v1/messages?receive_id_type=chat_id`,
        headers: { authorization: `Bearer ${token}` },
        json: {
          receive_id: chatId,
          msg_type: 'text',
          content: JSON.stringify({ text: part.text }),
          uuid: part.idempotencyKey,
        },
        timeoutMs: SEND_TIMEOUT_MS,
        signal,
      });
      const sent = messageAnswer.safeParse(response.json);
      if (!sent.success) return unsent(response);
      const logId = response.headers.get('x-tt-logid');
      return { outcome: 'sent', platformMessageId: sent.data.data.message_id, ...(logId ? { logId } : {}) };
    },
  };
}

/** A code of 0 without the message's id promises nothing: neither sent nor refused. */
function unsent(response: HttpResponse): SendResult {
  const failure = failureOf(response, 'send');
  return failure.code === '0' ? { outcome: 'unknown', failure } : refused(failure);
}

function failureOf(response: HttpResponse, stage: 'token' | 'send'): SendFailure {
  const parsed = answer.safeParse(response.json);
  const code = parsed.success ? parsed.data.code : undefined;
  const logId = response.headers.get('x-tt-logid');
  const resetSeconds = Number(response.headers.get('x-ogw-ratelimit-reset'));
  return {
    class: classifyFeishu(code, response.status),
    stage,
    code: code === undefined ? `HTTP ${response.status}` : String(code),
    message: shorten(parsed.success ? parsed.data.msg : response.text),
    ...(logId ? { logId } : {}),
    ...(resetSeconds > 0 ? { retryAfterMs: resetSeconds * 1000 } : {}),
  };
}
