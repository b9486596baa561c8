// Builds the DingTalk channel from its parts.
import type { Channel } from '../../domain/channel.ts';
import type { OutboundPart, SendFailure, SendResult } from '../../domain/delivery.ts';
import type { HttpClient } from '../../http-client/http-client.ts';
import { callWithToken, resultOfError, resultOfFailure } from '../shared/platform-call.ts';
import { createTokenCache } from '../shared/token-cache.ts';
import type { DingtalkApp } from './app.ts';
import { receiveDingtalk } from './inbound/receive.ts';
import { screenDingtalk } from './inbound/screen.ts';
import { createSignUses } from './inbound/sign-uses.ts';
import { BLOCKED_CODES } from './outbound/answers.ts';
import { createDingtalkApi, type Sending } from './outbound/api.ts';
import { formsForDingtalk, type ReplyFormat, splitForDingtalk, textOf } from './outbound/render.ts';
import { type DingtalkTarget, readDingtalkTarget } from './target.ts';

/** Margin before the expiry of a webhook. If it expired during the request, the answer would be lost. */
export const WEBHOOK_MARGIN_MS = 30_000;

/** DingTalk documents no limit for one chat. Five messages a second keep the parts of an answer readable. */
const CHAT_RATE = { messages: 5, perMs: 1000 };

export interface DingtalkChannelOptions {
  apps: readonly DingtalkApp[];
  apiBaseUrl: string;
  oapiBaseUrl: string;
  format: ReplyFormat;
  /**
   * DingTalk's limit for an app and API: 20 in the standard edition, which is the default
   * (https://github.com/fuxun2008/dingtalk-docs, `zh/open/development/api-throttling.mdx`, read 2026-11).
   */
  messagesPerSecond?: number;
  http: HttpClient;
  clock: () => number;
}

export function createDingtalkChannel(options: DingtalkChannelOptions): Channel {
  const { apps, apiBaseUrl, oapiBaseUrl, format, messagesPerSecond = 20, http, clock } = options;
  const api = createDingtalkApi(http, apiBaseUrl);
  const tokens = createTokenCache(async (appId) => {
    const app = apps.find((candidate) => candidate.appKey === appId);
    if (!app) throw new Error(`No credentials for the DingTalk app ${appId}: it was removed from the settings.`);
    return api.fetchToken(app);
  }, clock);
  const uses = createSignUses();
  const trustedOrigins = new Set([apiBaseUrl, oapiBaseUrl].map((url) => new URL(url).origin));

  /** Sends by the webhook until it expires, because only the webhook can mention the asker. Then sends by the API. */
  async function deliver(sending: Sending): Promise<SendResult> {
    const { part, target } = sending;
    const knownToApi = target.group || target.staffId !== undefined;
    const webhook = liveWebhook(part, target, trustedOrigins);
    if (webhook !== undefined) {
      const result = await api.sendBySession(sending, webhook);
      if (result.outcome === 'sent' || !concernsWebhookOnly(result.failure)) return result;
      if (!knownToApi && result.outcome === 'retry') return result;
    }
    if (!knownToApi) return resultOfFailure(noStaffIdFailure);
    return callWithToken({ tokens, appId: part.appId, call: (token) => api.sendByApi(sending, token) });
  }

  /** Sends the best form, then plainer ones. Only a definite rejection proves that the text was not shown. */
  async function send(part: OutboundPart, signal: AbortSignal): Promise<SendResult> {
    const target = readDingtalkTarget(part.target);
    const [best, ...plainer] = part.plain ? [textOf(part.text)] : formsForDingtalk(part.text, format);
    let result = await deliver({ part, target, message: best, signal });
    for (const message of plainer) {
      if (result.outcome !== 'failed' || result.failure.class !== 'bad_request') return result;
      result = await deliver({ part, target, message, signal });
    }
    return result;
  }

  return {
    platform: 'dingtalk',
    appIds: apps.map((app) => app.appKey),
    rates: { chat: CHAT_RATE, app: [{ messages: messagesPerSecond, perMs: 1000 }] },
    idempotent: false,
    screen: (head) => screenDingtalk(apps, head),
    receive: (request) => receiveDingtalk(apps, request, uses),
    split: (markdown) => splitForDingtalk(markdown, format),
    // Neither webhook nor API accepts an idempotency key, so an unknown outcome stays unknown.
    send: (part, signal) => send(part, signal).catch((error: unknown) => resultOfError(error, { idempotent: false })),
  };
}

/**
 * Returns the webhook if it has not expired and is a reply address on a host of the platform. The signature does not
 * cover the webhook, because it is part of the body. `/robot/send` would post to any robot whose token is in the URL.
 */
function liveWebhook(
  part: OutboundPart,
  { webhook }: DingtalkTarget,
  trustedOrigins: ReadonlySet<string>,
): string | undefined {
  if (!webhook || webhook.expiresAt - WEBHOOK_MARGIN_MS < part.now) return undefined;
  const url = URL.canParse(webhook.url) ? new URL(webhook.url) : undefined;
  return url && isReplyAddress(url, trustedOrigins) ? url.href : undefined;
}

/**
 * Returns true for `https://oapi.dingtalk.com/robot/sendBySession?session=…`. The protocol is checked too, because the
 * origin of a `blob:` URL is the origin of the URL inside it.
 */
function isReplyAddress(url: URL, trustedOrigins: ReadonlySet<string>): boolean {
  const plain = /^https?:$/.test(url.protocol) && url.username === '' && url.password === '';
  const named = url.pathname === '/robot/sendBySession' && Boolean(url.searchParams.get('session'));
  return plain && named && trustedOrigins.has(url.origin);
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
