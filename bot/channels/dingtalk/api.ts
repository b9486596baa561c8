// DingTalk's APIs, as far as the bot calls them: a token, the session webhook, private and group messages.
import { z } from 'zod';
import type { DingtalkApp } from '../../config/settings.ts';
import type { HttpClient, HttpResponse } from '../../outgoing/http-client.ts';
import { shorten } from '../../outgoing/shorten.ts';
import type { OutboundPart, SendFailure, SendResult } from '../channel.ts';
import { PlatformRefusal, refused, tokenFailure } from '../platform-call.ts';
import type { Token } from '../token-cache.ts';
import { classifyDingtalk } from './codes.ts';
import type { DingtalkTarget } from './message.ts';

const TOKEN_TIMEOUT_MS = 5_000;
const SEND_TIMEOUT_MS = 10_000;

const tokenAnswer = z.object({ accessToken: z.string().min(1), expireIn: z.number() });
const sentAnswer = z.looseObject({
  processQueryKey: z.string(),
  invalidStaffIdList: z.array(z.string()).optional(),
  flowControlledStaffIdList: z.array(z.string()).optional(),
});
const newError = z.looseObject({ code: z.string(), message: z.string().optional(), requestid: z.string().optional() });
const oldAnswer = z.looseObject({ errcode: z.number(), errmsg: z.string().optional() });

export interface DingtalkApi {
  fetchToken(app: DingtalkApp): Promise<Token>;
  sendBySession(part: OutboundPart, webhook: string, signal: AbortSignal): Promise<SendResult>;
  sendByApi(part: OutboundPart, token: string, signal: AbortSignal): Promise<SendResult>;
}

/** `baseUrl` is that of the new API, without a slash at its end. */
export function createDingtalkApi(http: HttpClient, baseUrl: string): DingtalkApi {
  return {
    /** `POST /v1.0/oauth2/accessToken`. Throws `PlatformRefusal`. */
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
      const failure = failureOf(response, 'token');
      throw new PlatformRefusal(refused(failure).outcome === 'retry' ? 'retry' : 'failed', failure);
    },

    /** HTTP is always 200; `errcode` decides. The webhook gives no message id, so our own key stands for it. */
    async sendBySession(part, webhook, signal) {
      const response = await http.request({
        url: webhook,
        json: { msgtype: 'text', text: { content: part.text } },
        timeoutMs: SEND_TIMEOUT_MS,
        signal,
      });
      const answer = oldAnswer.safeParse(response.json);
      if (answer.success && answer.data.errcode === 0) {
        return { outcome: 'sent', platformMessageId: `session:${part.idempotencyKey}` };
      }
      return refused(failureOf(response, 'send'));
    },

    /** `groupMessages/send` or `oToMessages/batchSend`. */
    async sendByApi(part, token, signal) {
      const target = part.target as DingtalkTarget; // written by this channel's own `receive`
      const message = {
        robotCode: target.robotCode,
        msgKey: 'sampleText',
        msgParam: JSON.stringify({ content: part.text }),
      };
      const response = await http.request({
        url: `${baseUrl}/v1.0/robot/${target.group ? 'groupMessages/send' : 'oToMessages/batchSend'}`,
        headers: { 'x-acs-dingtalk-access-token': token },
        json: target.group
          ? { ...message, openConversationId: target.conversationId }
          : { ...message, userIds: [target.staffId ?? ''] },
        timeoutMs: SEND_TIMEOUT_MS,
        signal,
      });
      return judgeSent(response);
    },
  };
}

/** 200 is not delivery: the two lists name who did not get the message. */
function judgeSent(response: HttpResponse): SendResult {
  const sent = sentAnswer.safeParse(response.json);
  if (!sent.success) return refused(failureOf(response, 'send'));
  const { processQueryKey, invalidStaffIdList = [], flowControlledStaffIdList = [] } = sent.data;
  const base = { stage: 'send', message: 'named in the answer to an accepted call' } as const;
  if (invalidStaffIdList.length > 0) return refused({ ...base, class: 'target_gone', code: 'invalidStaffIdList' });
  if (flowControlledStaffIdList.length > 0) {
    return refused({ ...base, class: 'rate_limited', code: 'flowControlledStaffIdList' });
  }
  return { outcome: 'sent', platformMessageId: processQueryKey };
}

function failureOf(response: HttpResponse, stage: 'token' | 'send'): SendFailure {
  const fresh = newError.safeParse(response.json);
  const old = oldAnswer.safeParse(response.json);
  const code = fresh.success ? fresh.data.code : old.data?.errcode;
  const message = shorten(fresh.success ? fresh.data.message : (old.data?.errmsg ?? response.text));
  const logId = fresh.data?.requestid;
  return {
    class: classifyDingtalk(code, message, response.status),
    stage,
    code: code === undefined ? `HTTP ${response.status}` : String(code),
    message,
    ...(logId ? { logId } : {}),
  };
}
