// Reads and checks the credentials of a DingTalk app from settings and `config.yaml`.
import type { Problem } from '../../domain/problem.ts';
import type { AppReader } from '../platform-descriptor.ts';
import { type AppCandidate, checkIdAndSecret, missingField } from '../shared/app-candidate.ts';

export interface DingtalkApp {
  appKey: string;
  appSecret: string;
  aesKey?: string;
  token?: string;
  /** Code of the robot. Defaults to the app key. */
  robotCode: string;
}

/** Settings that apply to all apps of the platform. */
export interface DingtalkSettings {
  DINGTALK_API_BASE_URL: string;
  DINGTALK_OAPI_BASE_URL: string;
  DINGTALK_INPUT: 'webhook' | 'stream';
  DINGTALK_MESSAGES_PER_SECOND: number;
  DINGTALK_REPLY_FORMAT: 'auto' | 'text' | 'markdown';
  ALERT_DINGTALK_WEBHOOK?: string | undefined;
  ALERT_DINGTALK_SECRET?: string | undefined;
}

export const dingtalkApps: AppReader<DingtalkApp> = {
  fields: {
    app_key: 'DINGTALK_APP_KEY',
    app_secret: 'DINGTALK_APP_SECRET',
    aes_key: 'DINGTALK_AES_KEY',
    token: 'DINGTALK_TOKEN',
    robot_code: 'DINGTALK_ROBOT_CODE',
  },
  commonFields: {},
  check: (candidate) => [...checkIdAndSecret(candidate, 'app_key', 'DingTalk'), ...checkEventKeys(candidate)],
  read: ({ app_key = '', app_secret = '', aes_key, token, robot_code }) => ({
    appKey: app_key,
    appSecret: app_secret,
    ...(aes_key === undefined ? {} : { aesKey: aes_key }),
    ...(token === undefined ? {} : { token }),
    robotCode: robot_code ?? app_key,
  }),
  idOf: ({ appKey }) => appKey,
  secretsOf: ({ appSecret, aesKey, token }) => [appSecret, aesKey, token],
  weaknessesOf: () => [],
};

/** Matches an aes_key: 43 characters of Base64 without the final "=". */
const AES_KEY = /^[A-Za-z0-9]{43}$/;

function checkEventKeys(candidate: AppCandidate): Problem[] {
  const { fields, name } = candidate;
  const { aes_key, token } = fields;
  const problems: Problem[] = [];
  if (aes_key !== undefined && !AES_KEY.test(aes_key)) {
    problems.push({
      name: name('aes_key'),
      problem: `${name('aes_key')} has ${aes_key.length} characters or a character other than A-Z, a-z, 0-9; it must be exactly 43 letters and digits. The "32" in guides counts the bytes after decoding.`,
      fix: `Copy ${name('aes_key')} again from the event subscription of the app.`,
    });
  }
  if (aes_key !== undefined && token === undefined) {
    problems.push(missingField(candidate, ['aes_key', 'token'], 'event callbacks could not be verified'));
  }
  if (aes_key === undefined && token !== undefined) {
    problems.push(missingField(candidate, ['token', 'aes_key'], 'event callbacks could not be decrypted'));
  }
  return problems;
}
