// The groups that alerts go to: custom robots of Feishu and DingTalk, each with its own way of signing.
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import type { Settings } from '../config/settings.ts';
import type { PushErrorClass, Rate } from '../domain/delivery.ts';
import type { Platform } from '../domain/platform.ts';
import type { HttpClient, HttpResponse } from '../http-client/http-client.ts';
import { shorten } from '../http-client/shorten.ts';
import { robotSign } from '../platforms/dingtalk/crypto.ts';
import { classifyWebhookAnswer } from '../platforms/dingtalk/outbound/answers.ts';
import { explainDingtalk } from '../platforms/dingtalk/outbound/codes.ts';
import { customBotSign } from '../platforms/feishu/crypto.ts';
import { classifyFeishu, explainFeishu } from '../platforms/feishu/outbound/codes.ts';
import { withoutMentions } from '../platforms/shared/markdown/targets.ts';
import { lenient } from '../platforms/shared/optional.ts';
import { createSendWindow } from './send-window.ts';

export interface Alert {
  text: string;
  /** The same for every attempt at one notification. */
  key: string;
}

/** Why a group did not take an alert; `hint` is for the operator, with the platform's own words where it has some. */
export interface AlertRejection {
  class: PushErrorClass;
  code: string;
  hint: string;
}

export interface AlertReceiver {
  platform: Platform;
  /** Resolves with undefined when the group took the alert. Rejects with `HttpClientError` when nobody answered. */
  deliver(alert: Alert): Promise<AlertRejection | undefined>;
}

export interface AlertReceiversOptions {
  settings: Pick<
    Settings,
    | 'ALERT_FEISHU_WEBHOOK'
    | 'ALERT_FEISHU_SECRET'
    | 'ALERT_DINGTALK_WEBHOOK'
    | 'ALERT_DINGTALK_SECRET'
    | 'FEISHU_BASE_URL'
    | 'DINGTALK_OAPI_BASE_URL'
  >;
  http: HttpClient;
  clock: () => number;
}

const TIMEOUT_MS = 5_000;
/** Grafana waits for the answer, and tries again later. */
const MAX_WAIT_MS = 3_000;
const HOUR_MS = 3_600_000;

/**
 * "Custom bot" of both platforms: 5 a second and 100 a minute, 20 a minute. The times are longer here, because requests
 * are not equally long on their way; a DingTalk robot that goes beyond its limit is blocked for 10 minutes.
 */
const RATES: Readonly<Record<Platform, readonly Rate[]>> = {
  feishu: [
    { messages: 5, perMs: 2_000 },
    { messages: 100, perMs: 65_000 },
  ],
  dingtalk: [{ messages: 20, perMs: 65_000 }],
};

/** One receiver for each webhook that is set, by its whole address or by the token at its end. */
export function createAlertReceivers({ settings, http, clock }: AlertReceiversOptions): AlertReceiver[] {
  const { ALERT_FEISHU_WEBHOOK: feishu, ALERT_DINGTALK_WEBHOOK: dingtalk } = settings;
  const feishuBase = `${settings.FEISHU_BASE_URL}/open-apis/bot/v2/hook/`;
  const dingtalkBase = `${settings.DINGTALK_OAPI_BASE_URL}/robot/send?access_token=`;
  const webhook = (given: string, base: string, secret: string | undefined): Webhook => ({
    url: URL.canParse(given) ? given : `${base}${given}`,
    secret,
    clock,
  });
  return [
    ...(feishu ? [feishuReceiver(http, webhook(feishu, feishuBase, settings.ALERT_FEISHU_SECRET))] : []),
    ...(dingtalk ? [dingtalkReceiver(http, webhook(dingtalk, dingtalkBase, settings.ALERT_DINGTALK_SECRET))] : []),
  ].map(paced);
}

/** Waits a little for its turn; what would have to wait longer is refused here, before the platform does worse. */
function paced({ platform, deliver }: AlertReceiver): AlertReceiver {
  const window = createSendWindow(RATES[platform]);
  return {
    platform,
    async deliver(alert) {
      const pause = window(MAX_WAIT_MS);
      if (pause === undefined) {
        return { class: 'rate_limited', code: 'PACED', hint: 'Too many alerts at once: group them in Grafana.' };
      }
      if (pause > 0) await sleep(pause, undefined, { ref: false });
      return deliver(alert);
    },
  };
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
  return { ...signed, msg_type: 'text', content: { text: withoutMentions(text) } };
}

const feishuAnswer = z.looseObject({ code: lenient(z.number()), StatusCode: lenient(z.number()) });

function feishuReceiver(http: HttpClient, webhook: Webhook): AlertReceiver {
  return {
    platform: 'feishu',
    async deliver({ text }) {
      const json = feishuBody(webhook, text);
      return feishuRefusal(await http.request({ url: webhook.url, json, timeoutMs: TIMEOUT_MS }));
    },
  };
}

function feishuRefusal({ json, status, text }: HttpResponse): AlertRejection | undefined {
  const answer = feishuAnswer.safeParse(json).data;
  // The first generation of robots answers with `StatusCode` alone.
  const number = answer?.code ?? answer?.StatusCode;
  if (number === 0) return undefined;
  const code = String(number ?? `HTTP ${status}`);
  return { class: classifyFeishu(number, status), code, hint: inWords(explainFeishu(code)?.hint, shorten(text)) };
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

/**
 * The custom robot takes an idempotency key, so an attempt whose answer was lost is not shown twice. How long the
 * platform remembers keys is not documented: the hour in it lets an alert come back that is still firing later.
 */
function dingtalkReceiver(http: HttpClient, webhook: Webhook): AlertReceiver {
  return {
    platform: 'dingtalk',
    async deliver({ text, key }) {
      const msgUuid = `${key}-${Math.floor(webhook.clock() / HOUR_MS)}`;
      const json = { msgtype: 'text', text: { content: withoutAtNames(text) }, at: { isAtAll: false }, msgUuid };
      const result = classifyWebhookAnswer(
        await http.request({ url: dingtalkUrl(webhook), json, timeoutMs: TIMEOUT_MS }),
        key,
      );
      if (result.outcome === 'sent') return undefined;
      const { class: name, code, message } = result.failure;
      return { class: name, code, hint: inWords(explainDingtalk(code, message)?.hint, message) };
    },
  };
}

/** Keeps `@all` and `@` with a phone number readable; the zero-width space keeps clients from notifying anybody. */
function withoutAtNames(text: string): string {
  return text.replaceAll(/@(?=all|所有人|\+?\d)/gi, '@\u200b');
}

/** The platform's words may name an address or a time that mends it. */
function inWords(hint: string | undefined, message: string): string {
  return hint ? `${hint} The platform says: ${message}` : message;
}
