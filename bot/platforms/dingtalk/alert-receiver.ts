// Sends alerts to a DingTalk group by a custom robot.
import type { AlertReceiver } from '../../domain/alert.ts';
import type { HttpClient } from '../../http-client/http-client.ts';
import { hintWithMessage, WEBHOOK_TIMEOUT_MS, type Webhook } from '../shared/webhook.ts';
import { robotSign } from './crypto.ts';
import { classifyWebhookAnswer } from './outbound/answers.ts';
import { explainDingtalk } from './outbound/codes.ts';

/**
 * Rate limit of a custom robot. DingTalk allows 20 messages a minute, and blocks a robot that exceeds this limit for 10
 * minutes. The period is longer here, because the latency of requests varies:
 * https://open.dingtalk.com/document/robots/custom-robot-access (read 2026-11).
 */
export const ALERT_RATES = [{ messages: 20, perMs: 65_000 }];
const HOUR_MS = 3_600_000;

/**
 * Creates the receiver of a group. The custom robot accepts an idempotency key, so an alert is not shown twice if the
 * answer to an attempt is lost. The platform does not document how long it remembers keys. The key contains the hour,
 * so that an alert that is still firing later is shown again.
 */
export function createDingtalkAlertReceiver(http: HttpClient, webhook: Webhook): AlertReceiver {
  return {
    platform: 'dingtalk',
    rates: ALERT_RATES,
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

/** Builds the URL of the request, with timestamp in milliseconds and signature. URLSearchParams encodes them once. */
export function dingtalkUrl({ url, secret, clock }: Webhook): string {
  if (!secret) return url;
  const signed = new URL(url);
  const timestamp = clock();
  signed.searchParams.set('timestamp', String(timestamp));
  signed.searchParams.set('sign', robotSign(secret, timestamp));
  return signed.href;
}

/** Adds a zero-width space to `@all` and to `@` with a phone number, so that clients notify no person. */
function withoutAtNames(text: string): string {
  return text.replaceAll(/@(?=all|所有人|\+?\d)/gi, '@\u200b');
}
