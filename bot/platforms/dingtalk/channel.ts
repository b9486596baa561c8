// Builds the DingTalk channel from its parts.
import type { Channel } from '../../domain/channel.ts';
import type { HttpClient } from '../../http-client/http-client.ts';
import { resultOfError } from '../shared/platform-call.ts';
import { createTokenCache } from '../shared/token-cache.ts';
import type { DingtalkApp } from './app.ts';
import { receiveDingtalk } from './inbound/receive.ts';
import { screenDingtalk } from './inbound/screen.ts';
import { createSignUses } from './inbound/sign-uses.ts';
import { createDingtalkApi } from './outbound/api.ts';
import { type ReplyFormat, splitForDingtalk } from './outbound/render.ts';
import { createDingtalkSender } from './outbound/send.ts';

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
  const sender = createDingtalkSender({ api, tokens, format, trustedOrigins });
  return {
    platform: 'dingtalk',
    appIds: apps.map((app) => app.appKey),
    rates: { chat: CHAT_RATE, app: [{ messages: messagesPerSecond, perMs: 1000 }] },
    idempotent: false,
    screen: (head) => screenDingtalk(apps, head),
    receive: (request) => receiveDingtalk(apps, request, uses),
    split: (markdown) => splitForDingtalk(markdown, format),
    // Neither webhook nor API accepts an idempotency key, so an unknown outcome stays unknown.
    send: (part, signal) =>
      sender.send(part, signal).catch((error: unknown) => resultOfError(error, { idempotent: false })),
  };
}
