// Reads and checks the credentials of a Feishu app from settings and `config.yaml`.
import type { Problem } from '../../domain/problem.ts';
import type { AppReader } from '../platform-descriptor.ts';
import { type AppCandidate, checkIdAndSecret } from '../shared/app-candidate.ts';

export interface FeishuApp {
  appId: string;
  appSecret: string;
  encryptKey?: string;
  verificationToken?: string;
}

/** Settings that apply to all apps of the platform. */
export interface FeishuSettings {
  FEISHU_BASE_URL: string;
  FEISHU_INPUT: 'webhook' | 'websocket';
  FEISHU_MESSAGES_PER_MINUTE: number;
  FEISHU_REPLY_FORMAT: 'auto' | 'text' | 'post' | 'card';
  FEISHU_REPLY_MODE: 'auto' | 'chat' | 'reply' | 'thread';
  ALERT_FEISHU_WEBHOOK?: string | undefined;
  ALERT_FEISHU_SECRET?: string | undefined;
}

export const feishuApps: AppReader<FeishuApp> = {
  fields: {
    app_id: 'FEISHU_APP_ID',
    app_secret: 'FEISHU_APP_SECRET',
    encrypt_key: 'FEISHU_ENCRYPT_KEY',
    verification_token: 'FEISHU_VERIFICATION_TOKEN',
  },
  commonFields: { base_url: 'FEISHU_BASE_URL' },
  // A long connection needs no further key, because it is opened with the app secret.
  check: (candidate, given) => [
    ...checkIdAndSecret(candidate, 'app_id', 'Feishu'),
    ...(given('FEISHU_INPUT') === 'websocket' ? [] : checkAuthentication(candidate)),
  ],
  read: ({ app_id = '', app_secret = '', encrypt_key, verification_token }) => ({
    appId: app_id,
    appSecret: app_secret,
    ...(encrypt_key === undefined ? {} : { encryptKey: encrypt_key }),
    ...(verification_token === undefined ? {} : { verificationToken: verification_token }),
  }),
  idOf: ({ appId }) => appId,
  secretsOf: ({ appSecret, encryptKey, verificationToken }) => [appSecret, encryptKey, verificationToken],
  weaknessesOf({ appId, encryptKey }, settings: Pick<FeishuSettings, 'FEISHU_INPUT'>) {
    if (settings.FEISHU_INPUT !== 'webhook' || encryptKey !== undefined) return [];
    return [
      `Feishu app ${appId} has no FEISHU_ENCRYPT_KEY: its events are protected only by a static token in every body. Set an Encrypt Key.`,
    ];
  },
};

function checkAuthentication({ fields, name }: AppCandidate): Problem[] {
  if (fields.app_id === undefined) return [];
  if (fields.encrypt_key !== undefined || fields.verification_token !== undefined) return [];
  const either = `${name('encrypt_key')} or ${name('verification_token')}`;
  return [
    {
      name: name('encrypt_key'),
      problem: `${name('app_id')} is set without ${either}: forged events could not be detected.`,
      fix: `Set ${either} to the value on the page "Events & Callbacks" of the app.`,
    },
  ];
}
