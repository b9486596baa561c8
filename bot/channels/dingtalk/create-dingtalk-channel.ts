// The DingTalk channel.
import type { DingtalkApp } from '../../config/settings.ts';
import type { HttpClient } from '../../outgoing/http-client.ts';
import type { Channel, OutboundPart, SendResult } from '../channel.ts';
import { callWithToken, resultOfError } from '../platform-call.ts';
import { splitText } from '../text.ts';
import { createTokenCache } from '../token-cache.ts';
import { createDingtalkApi } from './api.ts';
import type { DingtalkTarget } from './message.ts';
import { receiveDingtalk } from './receive.ts';

/** `msgParam` may have 15,000 bytes; in JSON, quotes, backslashes and line ends take two bytes each. */
const MAX_PART_BYTES = 7_400;

/** A webhook that ends while the request is on its way would lose the answer. */
const WEBHOOK_MARGIN_MS = 30_000;

export interface DingtalkChannelOptions {
  apps: readonly DingtalkApp[];
  apiBaseUrl: string;
  oapiBaseUrl: string;
  http: HttpClient;
  clock: () => number;
}

export function createDingtalkChannel({ apps, apiBaseUrl, oapiBaseUrl, http, clock }: DingtalkChannelOptions): Channel {
  const api = createDingtalkApi(http, apiBaseUrl);
  const tokens = createTokenCache(async (appId) => {
    const app = apps.find((candidate) => candidate.appKey === appId);
    if (!app) throw new Error(`No credentials for the DingTalk app ${appId}: it was removed from the settings.`);
    return api.fetchToken(app);
  }, clock);
  const trustedOrigins = new Set([apiBaseUrl, oapiBaseUrl].map((url) => new URL(url).origin));

  async function send(part: OutboundPart, signal: AbortSignal): Promise<SendResult> {
    const webhook = liveWebhook(part, trustedOrigins);
    if (webhook !== undefined) {
      const result = await api.sendBySession(part, webhook, signal);
      if (result.outcome === 'sent' || result.failure.class !== 'session_expired') return result;
    }
    return callWithToken({ tokens, appId: part.appId, call: (token) => api.sendByApi(part, token, signal) });
  }

  return {
    platform: 'dingtalk',
    appIds: apps.map((app) => app.appKey),
    rates: { chat: { messages: 5, perMs: 1000 }, app: { messages: 20, perMs: 1000 } },
    idempotent: false,
    receive: (request) => receiveDingtalk(apps, request),
    split: (markdown) => splitText(markdown, MAX_PART_BYTES),
    // Neither way of sending takes an idempotency key, so an outcome that is not known stays unknown.
    send: (part, signal) => send(part, signal).catch((error: unknown) => resultOfError(error, { idempotent: false })),
  };
}

/** The body names the webhook and the signature does not cover the body: only the platform's own hosts are called. */
function liveWebhook(part: OutboundPart, trustedOrigins: ReadonlySet<string>): string | undefined {
  const { webhook } = part.target as DingtalkTarget; // written by this channel's own `receive`
  if (!webhook || webhook.expiresAt - WEBHOOK_MARGIN_MS < part.now) return undefined;
  const origin = URL.canParse(webhook.url) ? new URL(webhook.url).origin : undefined;
  return origin !== undefined && trustedOrigins.has(origin) ? webhook.url : undefined;
}
