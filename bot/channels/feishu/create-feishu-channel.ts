// The Feishu (Lark) channel.
import type { FeishuApp } from '../../config/settings.ts';
import type { HttpClient } from '../../outgoing/http-client.ts';
import type { Channel } from '../channel.ts';
import { callWithToken, resultOfError } from '../platform-call.ts';
import { splitText } from '../text.ts';
import { createTokenCache } from '../token-cache.ts';
import { createFeishuApi } from './api.ts';
import { receiveFeishu } from './receive.ts';

/** The platform takes 150 KB a request; JSON escapes can double a text and a person does not read that much. */
const MAX_PART_BYTES = 30_000;

export interface FeishuChannelOptions {
  apps: readonly FeishuApp[];
  baseUrl: string;
  http: HttpClient;
  clock: () => number;
}

export function createFeishuChannel({ apps, baseUrl, http, clock }: FeishuChannelOptions): Channel {
  const api = createFeishuApi(http, baseUrl);
  const tokens = createTokenCache(async (appId) => {
    const app = apps.find((candidate) => candidate.appId === appId);
    if (!app) throw new Error(`No credentials for the Feishu app ${appId}: it was removed from the settings.`);
    return api.fetchToken(app);
  }, clock);
  return {
    platform: 'feishu',
    appIds: apps.map((app) => app.appId),
    rates: { chat: { messages: 5, perMs: 1000 }, app: { messages: 50, perMs: 1000 } },
    idempotent: true,
    receive: (request) => receiveFeishu(apps, request),
    split: (markdown) => splitText(markdown, MAX_PART_BYTES),
    send: (part, signal) =>
      callWithToken({ tokens, appId: part.appId, call: (token) => api.sendText(part, token, signal) }).catch(
        (error: unknown) => resultOfError(error, { idempotent: true }),
      ),
  };
}
