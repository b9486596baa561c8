// The groups that alerts go to: custom robots of Feishu and DingTalk, each with its own way of signing.
import { z } from 'zod';
import { robotSign } from '../channels/dingtalk/crypto.ts';
import { customBotSign } from '../channels/feishu/crypto.ts';
import type { Settings } from '../config/settings.ts';
import type { HttpClient } from '../outgoing/http-client.ts';
import type { Platform } from '../telemetry/names.ts';

export interface AlertReceiver {
  platform: Platform;
  /** Resolves with the platform's code when it refused, with undefined when it took the text. */
  deliver(text: string): Promise<string | undefined>;
}

const TIMEOUT_MS = 5_000;
const feishuAnswer = z.looseObject({ code: z.number().optional(), StatusCode: z.number().optional() });
const dingtalkAnswer = z.looseObject({ errcode: z.number() });

export interface AlertReceiversOptions {
  settings: Settings;
  http: HttpClient;
  clock: () => number;
}

/** One receiver for each webhook that is set. */
export function createAlertReceivers({ settings, http, clock }: AlertReceiversOptions): AlertReceiver[] {
  const { ALERT_FEISHU_WEBHOOK: feishu, ALERT_DINGTALK_WEBHOOK: dingtalk } = settings;
  return [
    ...(feishu ? [feishuReceiver(http, { url: feishu, secret: settings.ALERT_FEISHU_SECRET, clock })] : []),
    ...(dingtalk ? [dingtalkReceiver(http, { url: dingtalk, secret: settings.ALERT_DINGTALK_SECRET, clock })] : []),
  ];
}

interface Webhook {
  url: string;
  secret: string | undefined;
  clock: () => number;
}

/** Feishu: timestamp in seconds and signature in the body. */
export function feishuBody({ secret, clock }: Omit<Webhook, 'url'>, text: string): object {
  const timestamp = Math.floor(clock() / 1000);
  const signed = secret ? { timestamp: String(timestamp), sign: customBotSign(secret, timestamp) } : {};
  return { ...signed, msg_type: 'text', content: { text } };
}

function feishuReceiver(http: HttpClient, webhook: Webhook): AlertReceiver {
  return {
    platform: 'feishu',
    async deliver(text) {
      const { json, status } = await http.request({
        url: webhook.url,
        json: feishuBody(webhook, text),
        timeoutMs: TIMEOUT_MS,
      });
      const answer = feishuAnswer.safeParse(json).data;
      const code = answer?.code ?? answer?.StatusCode;
      return code === 0 ? undefined : String(code ?? `HTTP ${status}`);
    },
  };
}

/** DingTalk: timestamp in milliseconds and signature in the query, encoded once (by URLSearchParams). */
export function dingtalkUrl({ url, secret, clock }: Webhook): string {
  if (!secret) return url;
  const signed = new URL(url);
  const timestamp = clock();
  signed.searchParams.set('timestamp', String(timestamp));
  signed.searchParams.set('sign', robotSign(secret, timestamp));
  return signed.href;
}

function dingtalkReceiver(http: HttpClient, webhook: Webhook): AlertReceiver {
  return {
    platform: 'dingtalk',
    async deliver(text) {
      const { json, status } = await http.request({
        url: dingtalkUrl(webhook),
        json: { msgtype: 'text', text: { content: text } },
        timeoutMs: TIMEOUT_MS,
      });
      const errcode = dingtalkAnswer.safeParse(json).data?.errcode;
      return errcode === 0 ? undefined : String(errcode ?? `HTTP ${status}`);
    },
  };
}
