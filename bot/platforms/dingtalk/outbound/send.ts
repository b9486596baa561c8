// Sends one part in the best form that DingTalk accepts: by the session webhook of the message, then by the API.
import type { OutboundPart, SendFailure, SendResult } from '../../../domain/delivery.ts';
import { callWithToken, resultOfFailure } from '../../shared/platform-call.ts';
import type { TokenCache } from '../../shared/token-cache.ts';
import { readDingtalkTarget } from '../target.ts';
import { BLOCKED_CODES } from './answers.ts';
import type { DingtalkApi, Sending } from './api.ts';
import { formsForDingtalk, type ReplyFormat, textOf } from './render.ts';
import { liveWebhook } from './session-webhook.ts';

export interface DingtalkSenderOptions {
  api: DingtalkApi;
  tokens: TokenCache;
  format: ReplyFormat;
  /** Origins of the platform, the only ones that a session webhook may have. */
  trustedOrigins: ReadonlySet<string>;
}

export interface DingtalkSender {
  /** Rejects with `PayloadError`, `RenderError`, or the error of a request for a token or for sending. */
  send(part: OutboundPart, signal: AbortSignal): Promise<SendResult>;
}

export function createDingtalkSender({ api, tokens, format, trustedOrigins }: DingtalkSenderOptions): DingtalkSender {
  /** Sends by the webhook until it expires, because only the webhook can mention the asker. Then sends by the API. */
  async function deliver(sending: Sending): Promise<SendResult> {
    const { part, target } = sending;
    const knownToApi = target.group || target.staffId !== undefined;
    const webhook = liveWebhook(target, { now: part.now, trustedOrigins });
    if (webhook !== undefined) {
      const result = await api.sendBySession(sending, webhook);
      if (result.outcome === 'sent' || !concernsWebhookOnly(result.failure)) return result;
      if (!knownToApi && result.outcome === 'retrying') return result;
    }
    if (!knownToApi) return resultOfFailure(noStaffIdFailure);
    return callWithToken({ tokens, appId: part.appId, call: (token) => api.sendByApi(sending, token) });
  }

  return {
    /** Sends the best form, then plainer ones. Only a definite rejection proves that the text was not shown. */
    async send(part, signal) {
      const target = readDingtalkTarget(part.target);
      const [best, ...plainer] = part.plain ? [textOf(part.text)] : formsForDingtalk(part.text, format);
      let result = await deliver({ part, target, message: best, signal });
      for (const message of plainer) {
        if (result.outcome !== 'dead' || result.failure.class !== 'bad_request') return result;
        result = await deliver({ part, target, message, signal });
      }
      return result;
    },
  };
}

/** Returns true if the webhook expired, is unknown or is blocked. Nothing was shown, and the API may still work. */
function concernsWebhookOnly({ class: name, code }: SendFailure): boolean {
  return name === 'session_expired' || name === 'credentials' || BLOCKED_CODES.includes(Number(code));
}

const noStaffIdFailure: SendFailure = {
  class: 'target_gone',
  stage: 'send',
  code: 'NO_STAFF_ID',
  message:
    'The reply address has expired, and DingTalk sent no staff id of the sender. Publish a version of the robot. People outside the company get answers only until the address expires.',
};
