// DingTalk's APIs, as far as the bot calls them: a token, the session webhook, private and group messages.
import { z } from 'zod';
import type { OutboundPart, SendResult } from '../../../domain/delivery.ts';
import type { HttpClient } from '../../../http-client/http-client.ts';
import { PlatformError, tokenFailure } from '../../shared/platform-call.ts';
import type { Token } from '../../shared/token-cache.ts';
import type { DingtalkApp } from '../app.ts';
import type { DingtalkTarget } from '../inbound/message.ts';
import { classifyApiAnswer, classifyWebhookAnswer, failureOf } from './answers.ts';
import { apiMessage, webhookBody } from './bodies.ts';
import type { Rendered } from './render.ts';

const TOKEN_TIMEOUT_MS = 5_000;
const SEND_TIMEOUT_MS = 10_000;

const tokenAnswer = z.object({ accessToken: z.string().min(1), expireIn: z.number() });

/** One message on its way. */
export interface Sending {
  part: OutboundPart;
  target: DingtalkTarget;
  message: Rendered;
  signal: AbortSignal;
}

export interface DingtalkApi {
  fetchToken(app: DingtalkApp): Promise<Token>;
  /** `session_expired` also for an address that cannot be called: the API is another way. */
  sendBySession(sending: Sending, webhook: string): Promise<SendResult>;
  sendByApi(sending: Sending, token: string): Promise<SendResult>;
}

/** `baseUrl` is that of the new API, without a slash at its end. */
export function createDingtalkApi(http: HttpClient, baseUrl: string): DingtalkApi {
  return {
    /** `POST /v1.0/oauth2/accessToken`. Throws `PlatformError`. */
    async fetchToken(app) {
      const response = await http
        .request({
          url: `${baseUrl}/v1.0/oauth2/accessToken`,
          json: { appKey: app.appKey, appSecret: app.appSecret },
          timeoutMs: TOKEN_TIMEOUT_MS,
        })
        .catch((error: unknown) => {
          throw tokenFailure(error);
        });
      const token = tokenAnswer.safeParse(response.json);
      if (token.success) return { value: token.data.accessToken, lifetimeSeconds: token.data.expireIn };
      throw new PlatformError(failureOf(response, 'token'));
    },

    /** HTTP is always 200; `errcode` decides. */
    async sendBySession({ part, target, message, signal }, webhook) {
      const json = webhookBody(message, target.group ? target.staffId : undefined);
      const response = await http.request({ url: webhook, json, timeoutMs: SEND_TIMEOUT_MS, signal });
      return classifyWebhookAnswer(response, `session:${part.idempotencyKey}`);
    },

    /** `groupMessages/send` or `oToMessages/batchSend`; neither can mention anybody. */
    async sendByApi({ target, message, signal }, token) {
      const json = { robotCode: target.robotCode, ...apiMessage(message) };
      const response = await http.request({
        url: `${baseUrl}/v1.0/robot/${target.group ? 'groupMessages/send' : 'oToMessages/batchSend'}`,
        headers: { 'x-acs-dingtalk-access-token': token },
        json: target.group
          ? { ...json, openConversationId: target.conversationId }
          : { ...json, userIds: [target.staffId] },
        timeoutMs: SEND_TIMEOUT_MS,
        signal,
      });
      return classifyApiAnswer(response);
    },
  };
}
