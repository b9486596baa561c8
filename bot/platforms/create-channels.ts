// The list of channels: a new platform is a folder beside this file and a line in it.
import type { Settings } from '../config/settings.ts';
import type { Channel } from '../domain/channel.ts';
import type { Platform } from '../domain/platform.ts';
import type { HttpClient } from '../http-client/http-client.ts';
import { createDingtalkChannel } from './dingtalk/channel.ts';
import { createFeishuChannel } from './feishu/channel.ts';

export interface ChannelDeps {
  settings: Settings;
  http: HttpClient;
  clock: () => number;
}

/** All platforms, also those without an app: their callbacks are answered with words. */
export function createChannels({ settings, http, clock }: ChannelDeps): ReadonlyMap<Platform, Channel> {
  const channels = [
    createFeishuChannel({
      apps: settings.feishuApps,
      baseUrl: settings.FEISHU_BASE_URL,
      format: settings.FEISHU_REPLY_FORMAT,
      mode: settings.FEISHU_REPLY_MODE,
      messagesPerMinute: settings.FEISHU_MESSAGES_PER_MINUTE,
      http,
      clock,
    }),
    createDingtalkChannel({
      apps: settings.dingtalkApps,
      apiBaseUrl: settings.DINGTALK_API_BASE_URL,
      oapiBaseUrl: settings.DINGTALK_OAPI_BASE_URL,
      format: settings.DINGTALK_REPLY_FORMAT,
      messagesPerSecond: settings.DINGTALK_MESSAGES_PER_SECOND,
      http,
      clock,
    }),
  ];
  return new Map(channels.map((channel) => [channel.platform, channel]));
}
