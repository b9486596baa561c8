// Builds the Feishu (Lark) channel from its parts.

import type { Channel } from '../../domain/channel.ts';
import type { HttpClient } from '../../http-client/http-client.ts';
import { callWithToken, resultOfError } from '../shared/platform-call.ts';
import { createTokenCache } from '../shared/token-cache.ts';
import type { FeishuApp, FeishuSettings } from './app.ts';
import { createBotIds } from './bot-ids.ts';
import { addressedByIds } from './inbound/addressed.ts';
import { receiveFeishu } from './inbound/receive.ts';
import { screenFeishu } from './inbound/screen.ts';
import { createFeishuApi, type WithToken } from './outbound/api.ts';
import { createFeishuProgress } from './outbound/progress.ts';
import { splitFeishu } from './outbound/render.ts';
import { createFeishuSender } from './outbound/send.ts';
import { createQuotedReader } from './read-quoted.ts';
import { readFeishuTarget } from './target.ts';

export interface FeishuChannelOptions {
  apps: readonly FeishuApp[];
  baseUrl: string;
  /** Format and destination of answers; default `auto`. */
  format?: FeishuSettings['FEISHU_REPLY_FORMAT'];
  mode?: FeishuSettings['FEISHU_REPLY_MODE'];
  /** Feishu's limit for all messages of the app; default 1,000. */
  messagesPerMinute?: number;
  http: HttpClient;
  clock: () => number;
}

export function createFeishuChannel(options: FeishuChannelOptions): Channel & Required<Pick<Channel, 'isAddressed'>> {
  const { apps, baseUrl, format = 'auto', mode = 'auto', messagesPerMinute = 1000, http, clock } = options;
  const api = createFeishuApi(http, baseUrl);
  const tokens = createTokenCache(async (appId) => {
    const app = apps.find((candidate) => candidate.appId === appId);
    if (!app) throw new Error(`No credentials for the Feishu app ${appId}: it was removed from the settings.`);
    return api.fetchToken(app);
  }, clock);
  const withToken: WithToken = ({ appId }, signal, work) =>
    callWithToken({ tokens, appId, call: (token) => work({ token, signal }) }).catch((error: unknown) =>
      resultOfError(error, { idempotent: true }),
    );
  const botIds = createBotIds(async (appId) => {
    const result = await withToken({ appId }, new AbortController().signal, api.fetchBotId);
    if (result.outcome === 'found') return result.value;
    throw new Error(`Feishu did not return the bot's own id: ${result.failure.code} ${result.failure.message}`);
  }, clock);
  const sender = createFeishuSender({ api, format, mode });
  return {
    platform: 'feishu',
    appIds: apps.map((app) => app.appId),
    rates: ratesOf(messagesPerMinute),
    idempotent: true,
    screen: (head) => screenFeishu(apps, head),
    receive: (request) => receiveFeishu(apps, request, botIds.peek),
    isAddressed: async (message) => addressedByIds(message, await botIds.get(message.appId)) === 'yes',
    botId: botIds.peek,
    botIdProblem: botIds.problem,
    readQuoted: createQuotedReader({ api, withToken, clock }),
    split: splitFeishu,
    async send(part, signal) {
      const target = readFeishuTarget(part.target);
      return withToken(part, signal, (call) => sender.send({ ...part, target }, call));
    },
    // If answers are not cards, "thinking" cards are off too.
    ...(format === 'auto' || format === 'card' ? { progress: createFeishuProgress({ api, sender, withToken }) } : {}),
  };
}

/**
 * Feishu allows 5 messages a second to one chat, and 1,000 a minute and 50 a second to all chats
 * (https://open.feishu.cn/document/uAjLw4CM/ukTMukTMukTM/reference/im-v1/message/create, read 2026-11). The limit per
 * minute is applied to windows of 10 s, so that two bursts around the end of a minute do not exceed it.
 */
function ratesOf(messagesPerMinute: number): Channel['rates'] {
  return {
    chat: { messages: 5, perMs: 1_000 },
    app: [
      { messages: messagesPerMinute / 20, perMs: 1_000 },
      { messages: messagesPerMinute / 6, perMs: 10_000 },
    ],
  };
}
