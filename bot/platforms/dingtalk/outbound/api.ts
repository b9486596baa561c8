// Client of DingTalk's APIs: fetches tokens, and sends messages by session webhook or by the robot API.
import { z } from 'zod';
import type { OutboundPart, SendResult } from '../../../domain/delivery.ts';
import type { HttpClient } from '../../../http-client/http-client.ts';
import { PlatformError, tokenFailure } from '../../shared/platform-call.ts';
import type { Token } from '../../shared/token-cache.ts';
import type { DingtalkApp } from '../app.ts';
import type { DingtalkTarget } from '../target.ts';
import { classifyApiAnswer, classifyWebhookAnswer, failureOf } from './answers.ts';
import { apiMessage, webhookBody } from './bodies.ts';
import type { DingtalkMessage } from './render.ts';

const TOKEN_TIMEOUT_MS = 5_000;
const SEND_TIMEOUT_MS = 10_000;

const tokenAnswer = z.object({ accessToken: z.string().min(1), expireIn: z.number() });

/** A message to send, with its target. */
export interface Sending {
  part: OutboundPart;
  target: DingtalkTarget;
  message: DingtalkMessage;
  signal: AbortSignal;
}

export interface DingtalkApi {
  /** `POST /v1.0/oauth2/accessToken`. Throws `PlatformError`. */
  fetchToken(app: DingtalkApp): Promise<Token>;
  /** Sends by the session webhook. HTTP is always 200; `errcode` decides. */
  sendBySession(sending: Sending, webhook: string): Promise<SendResult>;
  /** Sends by `groupMessages/send` or `oToMessages/batchSend`. Neither supports mentions. */
  sendByApi(sending: Sending, token: string): Promise<SendResult>;
}

/** Returns path and body of a request for an access token. */
export function tokenRequest({ appKey, appSecret }: DingtalkApp): { path: string; json: object } {
  return { path: '/v1.0/oauth2/accessToken', json: { appKey, appSecret } };
}

/** `baseUrl` is the URL of the new API. It ends without a slash. */
export function createDingtalkApi(http: HttpClient, baseUrl: string): DingtalkApi {
  return {
    async fetchToken(app) {
      const { path, json } = tokenRequest(app);
      const response = await http
        .request({ url: `${baseUrl}${path}`, json, timeoutMs: TOKEN_TIMEOUT_MS })
        .catch((error: unknown) => {
          throw tokenFailure(error);
        });
      const token = tokenAnswer.safeParse(response.json);
      if (token.success) return { value: token.data.accessToken, lifetimeSeconds: token.data.expireIn };
      throw new PlatformError(failureOf(response, 'token'));
    },

    async sendBySession({ part, target, message, signal }, webhook) {
      const json = webhookBody(message, target.group ? target.staffId : undefined);
      const response = await http.request({ url: webhook, json, timeoutMs: SEND_TIMEOUT_MS, signal });
      return classifyWebhookAnswer(response, `session:${part.idempotencyKey}`);
    },

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
