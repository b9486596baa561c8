// Alerts in a DingTalk group, by a custom robot: https://open.dingtalk.com/document/robots/custom-robot-access
import type { AlertReceiver } from '../../domain/alert.ts';
import type { HttpClient } from '../../http-client/http-client.ts';
import { hintWithMessage, WEBHOOK_TIMEOUT_MS, type Webhook } from '../shared/webhook.ts';
import { robotSign } from './crypto.ts';
import { classifyWebhookAnswer } from './outbound/answers.ts';
import { explainDingtalk } from './outbound/codes.ts';

/**
 * 20 a minute; the time is longer here, because requests are not equally long on their path. A robot that exceeds its
 * limit is blocked for 10 minutes.
 */
const RATES = [{ messages: 20, perMs: 65_000 }];
const HOUR_MS = 3_600_000;

/**
 * The custom robot accepts an idempotency key, so an attempt whose answer was lost is not shown twice. The platform does
 * not document how long it remembers keys: the hour in the key lets an alert appear again if it is still firing later.
 */
export function createDingtalkAlertReceiver(http: HttpClient, webhook: Webhook): AlertReceiver {
  return {
    platform: 'dingtalk',
    rates: RATES,
    async deliver({ text, key }) {
      const msgUuid = `${key}-${Math.floor(webhook.clock() / HOUR_MS)}`;
      const json = { msgtype: 'text', text: { content: withoutAtNames(text) }, at: { isAtAll: false }, msgUuid };
      const response = await http.request({ url: dingtalkUrl(webhook), json, timeoutMs: WEBHOOK_TIMEOUT_MS });
      const result = classifyWebhookAnswer(response, key);
      if (result.outcome === 'sent') return undefined;
      const { class: name, code, message } = result.failure;
      return { class: name, code, hint: hintWithMessage(explainDingtalk(code, message)?.hint, message) };
    },
  };
}

/** Address of the request: timestamp in milliseconds and signature in the query, encoded once by URLSearchParams. */
export function dingtalkUrl({ url, secret, clock }: Webhook): string {
  if (!secret) return url;
  const signed = new URL(url);
  const timestamp = clock();
  signed.searchParams.set('timestamp', String(timestamp));
  signed.searchParams.set('sign', robotSign(secret, timestamp));
  return signed.href;
}

/** Keeps `@all` and `@` with a phone number readable; the zero-width space keeps clients from notifying people. */
function withoutAtNames(text: string): string {
  return text.replaceAll(/@(?=all|所有人|\+?\d)/gi, '@\u200b');
}
