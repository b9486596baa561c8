// Sends alerts to a Feishu group by a custom bot.
import { z } from 'zod';
import type { AlertReceiver, AlertRejection } from '../../domain/alert.ts';
import type { HttpClient, HttpResponse } from '../../http-client/http-client.ts';
import { shorten } from '../../http-client/shorten.ts';
import { withoutMentions } from '../shared/markdown/targets.ts';
import { lenient } from '../shared/optional.ts';
import { hintWithMessage, WEBHOOK_TIMEOUT_MS, type Webhook } from '../shared/webhook.ts';
import { customBotSign } from './crypto.ts';
import { classifyFeishu, explainFeishu } from './outbound/codes.ts';

/**
 * Rate limits of a custom bot. Feishu allows 5 requests a second and 100 a minute. The periods are longer here, because
 * the latency of requests varies:
 * https://open.feishu.cn/document/client-docs/bot-v3/add-custom-bot (read 2026-11).
 */
const RATES = [
  { messages: 5, perMs: 2_000 },
  { messages: 100, perMs: 65_000 },
];

export function createFeishuAlertReceiver(http: HttpClient, webhook: Webhook): AlertReceiver {
  return {
    platform: 'feishu',
    rates: RATES,
    async deliver({ text }) {
      const json = feishuBody(webhook, text);
      return rejectionOf(await http.request({ url: webhook.url, json, timeoutMs: WEBHOOK_TIMEOUT_MS }));
    },
  };
}

/** Builds the body of the request, with the timestamp in seconds and the signature. */
export function feishuBody({ secret, clock }: Omit<Webhook, 'url'>, text: string): object {
  const timestamp = Math.floor(clock() / 1000);
  const signed = secret ? { timestamp: String(timestamp), sign: customBotSign(secret, timestamp) } : {};
  return { ...signed, msg_type: 'text', content: { text: withoutMentions(text) } };
}

const answerSchema = z.looseObject({ code: lenient(z.number()), StatusCode: lenient(z.number()) });

function rejectionOf({ json, status, text }: HttpResponse): AlertRejection | undefined {
  const answer = answerSchema.safeParse(json).data;
  // The first generation of robots answers with `StatusCode` only.
  const number = answer?.code ?? answer?.StatusCode;
  if (number === 0) return undefined;
  const code = String(number ?? `HTTP ${status}`);
  return {
    class: classifyFeishu(number, status),
    code,
    hint: hintWithMessage(explainFeishu(code)?.hint, shorten(text)),
  };
}
