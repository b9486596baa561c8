// Generates the credentials that the lab and the bot share, in the platforms' shapes, and the bot's settings for them.
import { randomBytes } from 'node:crypto';
import { randomId } from './common/ids.ts';

/** Credentials on which the fake platforms and the bot have to agree. */
export interface LabCredentials {
  feishu: {
    appId: string;
    appSecret: string;
    encryptKey: string;
    verificationToken: string;
    tenantKey: string;
    botOpenId: string;
  };
  dingtalk: {
    appKey: string;
    appSecret: string;
    /** 43 letters and digits: the base64 text of 32 bytes without its final `=`. */
    aesKey: string;
    token: string;
    robotCode: string;
    corpId: string;
  };
  model: { apiKey: string; name: string };
}

/** Base addresses of the fake servers. */
export interface LabUrls {
  page: string;
  feishu: string;
  dingtalk: string;
  model: string;
}

/** Returns the addresses of a lab whose page has `port`: the stand-ins have the next three. */
export function labUrls(port: number): LabUrls {
  const url = (offset: number) => `http://127.0.0.1:${port + offset}`;
  return { page: url(0), feishu: url(1), dingtalk: url(2), model: url(3) };
}

/** Generates new random credentials. */
export function generateCredentials(): LabCredentials {
  const appKey = `ding${alphanumeric(16)}`;
  return {
    feishu: {
      appId: `cli_${randomId(16)}`,
      appSecret: alphanumeric(32),
      encryptKey: alphanumeric(32),
      verificationToken: alphanumeric(32),
      tenantKey: randomId(16),
      botOpenId: `ou_${randomId(32)}`,
    },
    dingtalk: {
      appKey,
      appSecret: alphanumeric(64),
      aesKey: alphanumeric(43),
      token: alphanumeric(24),
      robotCode: appKey,
      corpId: `ding${randomId(32)}`,
    },
    model: { apiKey: `sk-${alphanumeric(40)}`, name: 'lab-model' },
  };
}

/** Returns the settings that connect a bot to this lab. */
export function botEnvironment(credentials: LabCredentials, urls: LabUrls): Record<string, string> {
  const { feishu, dingtalk, model } = credentials;
  return {
    FEISHU_APP_ID: feishu.appId,
    FEISHU_APP_SECRET: feishu.appSecret,
    FEISHU_ENCRYPT_KEY: feishu.encryptKey,
    FEISHU_VERIFICATION_TOKEN: feishu.verificationToken,
    FEISHU_BASE_URL: urls.feishu,
    DINGTALK_APP_KEY: dingtalk.appKey,
    DINGTALK_APP_SECRET: dingtalk.appSecret,
    DINGTALK_AES_KEY: dingtalk.aesKey,
    DINGTALK_TOKEN: dingtalk.token,
    DINGTALK_ROBOT_CODE: dingtalk.robotCode,
    DINGTALK_API_BASE_URL: urls.dingtalk,
    DINGTALK_OAPI_BASE_URL: urls.dingtalk,
    MODEL_BASE_URL: `${urls.model}/v1`,
    MODEL_API_KEY: model.apiKey,
    MODEL_NAME: model.name,
  };
}

function alphanumeric(length: number): string {
  const text = randomBytes(length * 3)
    .toString('base64')
    .replaceAll(/[+/=]/g, '');
  return text.slice(0, length);
}
