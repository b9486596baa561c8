// Checks the session webhook of a message before an answer is sent to it.
import type { DingtalkTarget } from '../target.ts';

/** Margin before the expiry of a webhook. If it expired during the request, the answer would be lost. */
export const WEBHOOK_MARGIN_MS = 30_000;

export interface WebhookCheck {
  /** Milliseconds since 1970. */
  now: number;
  trustedOrigins: ReadonlySet<string>;
}

/**
 * Returns the webhook if it has not expired and is a reply address on a host of the platform. The signature does not
 * cover the webhook, because it is part of the body. `/robot/send` would post to any robot whose token is in the URL.
 */
export function liveWebhook({ webhook }: DingtalkTarget, { now, trustedOrigins }: WebhookCheck): string | undefined {
  if (!webhook || webhook.expiresAt - WEBHOOK_MARGIN_MS < now) return undefined;
  const url = URL.canParse(webhook.url) ? new URL(webhook.url) : undefined;
  return url && isReplyAddress(url, trustedOrigins) ? url.href : undefined;
}

/**
 * Returns true for `https://oapi.dingtalk.com/robot/sendBySession?session=…`. The protocol is checked too, because the
 * origin of a `blob:` URL is the origin of the URL inside it.
 */
function isReplyAddress(url: URL, trustedOrigins: ReadonlySet<string>): boolean {
  const plain = /^https?:$/.test(url.protocol) && url.username === '' && url.password === '';
  const named = url.pathname === '/robot/sendBySession' && Boolean(url.searchParams.get('session'));
  return plain && named && trustedOrigins.has(url.origin);
}
