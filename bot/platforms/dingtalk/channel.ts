// The DingTalk channel.

import type { Channel } from '../../domain/channel.ts';
import type { OutboundPart, SendFailure, SendResult } from '../../domain/delivery.ts';
import type { HttpClient } from '../../http-client/http-client.ts';
import { callWithToken, resultOfError, resultOfFailure } from '../shared/platform-call.ts';
import { createTokenCache } from '../shared/token-cache.ts';
import type { DingtalkApp } from './app.ts';
import type { DingtalkTarget } from './inbound/message.ts';
import { receiveDingtalk } from './inbound/receive.ts';
import { screenDingtalk } from './inbound/screen.ts';
import { createSignUses } from './inbound/sign-uses.ts';
import { BLOCKED_CODES } from './outbound/answers.ts';
import { createDingtalkApi, type Sending } from './outbound/api.ts';
import { formsForDingtalk, type ReplyFormat, splitForDingtalk, textOf } from './outbound/render.ts';

/** A webhook that ends while the request is on its way would lose the answer. */
const WEBHOOK_MARGIN_MS = 30_000;

/** For one chat no limit is documented; parts of an answer that arrive slower than five a second are read more easily. */
const CHAT_RATE = { messages: 5, perMs: 1000 };

export interface DingtalkChannelOptions {
  apps: readonly DingtalkApp[];
  apiBaseUrl: string;
  oapiBaseUrl: string;
  format: ReplyFormat;
  /** What the platform allows an app and interface: 20 in the standard edition, which is the default. */
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

  /** By the webhook while it lives, because only that can mention the asker; else by the API. */
  async function deliver(sending: Sending): Promise<SendResult> {
    const { part, target } = sending;
    const knownToApi = target.group || target.staffId !== undefined;
    const webhook = liveWebhook(part, target, trustedOrigins);
    if (webhook !== undefined) {
      const result = await api.sendBySession(sending, webhook);
      if (result.outcome === 'sent' || !concernsWebhookOnly(result.failure)) return result;
      if (!knownToApi && result.outcome === 'retry') return result;
    }
    if (!knownToApi) return resultOfFailure(strangerFailure);
    return callWithToken({ tokens, appId: part.appId, call: (token) => api.sendByApi(sending, token) });
  }

  /** A form that the platform surely refused was not shown, so the same words may go again in a plainer one. */
  async function send(part: OutboundPart, signal: AbortSignal): Promise<SendResult> {
    const target = part.target as DingtalkTarget; // written by this channel's own `receive`
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
    // Neither way of sending takes an idempotency key, so an outcome that is not known stays unknown.
    send: (part, signal) => send(part, signal).catch((error: unknown) => resultOfError(error, { idempotent: false })),
  };
}

/**
 * The body names the webhook and the signature does not cover the body: only the platform's own hosts are called, and
 * there only the reply address of a conversation. `/robot/send` would post to any robot whose token is in the URL.
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

/** `https://oapi.dingtalk.com/robot/sendBySession?session=…`; the origin of a `blob:` address is that of another one. */
function isReplyAddress(url: URL, trustedOrigins: ReadonlySet<string>): boolean {
  const plain = /^https?:$/.test(url.protocol) && url.username === '' && url.password === '';
  const named = url.pathname === '/robot/sendBySession' && Boolean(url.searchParams.get('session'));
  return plain && named && trustedOrigins.has(url.origin);
}

/** The webhook has ended, is not known, or is blocked for a while: nothing was shown, and the API is another way. */
function concernsWebhookOnly({ class: name, code }: SendFailure): boolean {
  return name === 'session_expired' || name === 'credentials' || BLOCKED_CODES.includes(Number(code));
}

const strangerFailure: SendFailure = {
  class: 'target_gone',
  stage: 'send',
  code: 'NO_STAFF_ID',
  message:
    'The reply address has ended, and DingTalk gave no staff id of the sender. Publish a version of the robot; people outside the company get answers only while the address lives.',
};
