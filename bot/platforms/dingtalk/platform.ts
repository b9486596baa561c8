// Descriptor of DingTalk.
import type { ChannelDeps, ConnectionDeps, PlatformDeps, PlatformDescriptor } from '../platform-descriptor.ts';
import { webhookUrl } from '../shared/webhook.ts';
import { createDingtalkAlertReceiver } from './alert-receiver.ts';
import { type DingtalkApp, type DingtalkSettings, dingtalkApps } from './app.ts';
import { createDingtalkChannel } from './channel.ts';
import { createDingtalkStream } from './connection/stream.ts';
import { dingtalkDiagnosis } from './diagnosis.ts';
import { explainDingtalk } from './outbound/codes.ts';

export const dingtalk: PlatformDescriptor<DingtalkApp> = {
  id: 'dingtalk',
  name: { en: 'DingTalk', zh: '钉钉' },
  terms: {
    userId: 'staff id',
    userIdExample: 'manager42',
    userIdIsUniqueIn: 'organisation',
    appId: 'app key',
    organisation: 'corp id',
    organisationExample: 'dingcorp1',
  },
  callbackRoutes: ['/dingtalk/callback'],
  apps: dingtalkApps,
  usesLongConnection: (settings: Pick<DingtalkSettings, 'DINGTALK_INPUT'>) => settings.DINGTALK_INPUT === 'stream',

  createChannel({ apps, settings, http, clock }: ChannelDeps<DingtalkApp> & { settings: DingtalkSettings }) {
    return createDingtalkChannel({
      apps,
      apiBaseUrl: settings.DINGTALK_API_BASE_URL,
      oapiBaseUrl: settings.DINGTALK_OAPI_BASE_URL,
      format: settings.DINGTALK_REPLY_FORMAT,
      messagesPerSecond: settings.DINGTALK_MESSAGES_PER_SECOND,
      http,
      clock,
    });
  },

  createConnection({ app, settings, http, timing }: ConnectionDeps<DingtalkApp> & { settings: DingtalkSettings }) {
    return createDingtalkStream({ app, baseUrl: settings.DINGTALK_API_BASE_URL, http, timing });
  },

  alerts: {
    webhookSetting: 'ALERT_DINGTALK_WEBHOOK',
    secretSetting: 'ALERT_DINGTALK_SECRET',
    createReceiver({ settings, http, clock }: PlatformDeps & { settings: DingtalkSettings }) {
      const { ALERT_DINGTALK_WEBHOOK: given, ALERT_DINGTALK_SECRET: secret, DINGTALK_OAPI_BASE_URL: base } = settings;
      if (given === undefined) return undefined;
      const url = webhookUrl(given, `${base}/robot/send?access_token=`);
      return createDingtalkAlertReceiver(http, { url, secret, clock });
    },
  },

  explainCode: (code) => explainDingtalk(code, ''),
  diagnosis: dingtalkDiagnosis,
};
