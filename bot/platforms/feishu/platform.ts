// Descriptor of Feishu (Lark).
import type { ChannelDeps, ConnectionDeps, PlatformDeps, PlatformDescriptor } from '../platform-descriptor.ts';
import { webhookUrl } from '../shared/webhook.ts';
import { createFeishuAlertReceiver } from './alert-receiver.ts';
import { type FeishuApp, type FeishuSettings, feishuApps } from './app.ts';
import { createFeishuChannel } from './channel.ts';
import { createFeishuLongConnection } from './connection/long-connection.ts';
import { feishuDiagnosis } from './diagnosis.ts';
import { explainFeishu } from './outbound/codes.ts';

export const feishu: PlatformDescriptor<FeishuApp> = {
  id: 'feishu',
  name: { en: 'Feishu', zh: '飞书' },
  terms: {
    userId: 'open_id',
    userIdExample: 'ou_a1',
    userIdIsUniqueIn: 'app',
    appId: 'app id',
    organisation: 'tenant key',
    organisationExample: '2ed263bf',
  },
  callbackRoutes: ['/feishu/verify', '/feishu/event'],
  apps: feishuApps,
  usesLongConnection: (settings: Pick<FeishuSettings, 'FEISHU_INPUT'>) => settings.FEISHU_INPUT === 'websocket',

  createChannel({ apps, settings, http, clock }: ChannelDeps<FeishuApp> & { settings: FeishuSettings }) {
    return createFeishuChannel({
      apps,
      baseUrl: settings.FEISHU_BASE_URL,
      format: settings.FEISHU_REPLY_FORMAT,
      mode: settings.FEISHU_REPLY_MODE,
      messagesPerMinute: settings.FEISHU_MESSAGES_PER_MINUTE,
      http,
      clock,
    });
  },

  createConnection(deps: ConnectionDeps<FeishuApp> & { settings: FeishuSettings }) {
    const { app, settings, channel, http, timing, clock } = deps;
    const botIdOf = (appId: string) => channel?.botId?.(appId);
    return createFeishuLongConnection({ app, baseUrl: settings.FEISHU_BASE_URL, botIdOf, http, timing, clock });
  },

  alerts: {
    webhookSetting: 'ALERT_FEISHU_WEBHOOK',
    secretSetting: 'ALERT_FEISHU_SECRET',
    createReceiver({ settings, http, clock }: PlatformDeps & { settings: FeishuSettings }) {
      const { ALERT_FEISHU_WEBHOOK: given, ALERT_FEISHU_SECRET: secret, FEISHU_BASE_URL: base } = settings;
      if (given === undefined) return undefined;
      return createFeishuAlertReceiver(http, {
        url: webhookUrl(given, `${base}/open-apis/bot/v2/hook/`),
        secret,
        clock,
      });
    },
  },

  explainCode: explainFeishu,
  diagnosis: feishuDiagnosis,
};
