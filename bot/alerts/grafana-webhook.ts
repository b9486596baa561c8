// Verifies and parses Grafana's alert notifications, and formats the text for a group.
import { createHmac } from 'node:crypto';
import { z } from 'zod';
import { equalSecrets } from '../platforms/shared/compare.ts';
import { wireSize } from '../platforms/shared/markdown/wire-size.ts';
import { lenient, optional } from '../platforms/shared/optional.ts';

/** Headers of the contact point in `grafana/provisioning/alerting`. */
export const SIGNATURE_HEADER = 'x-grafana-alerting-signature';
export const TIMESTAMP_HEADER = 'x-grafana-alerting-timestamp';

/** Seconds before and after its timestamp in which a signature is accepted. */
export const WINDOW_SECONDS = 300;

export interface SignedAlert {
  signature: string | undefined;
  /** Seconds since 1970, as text. */
  timestamp: string | undefined;
  rawBody: Buffer;
  /** Milliseconds since 1970. */
  now: number;
}

/**
 * Returns true if the signature is the hexadecimal HMAC-SHA256 of `timestamp:body`, and the timestamp differs from
 * `now` by at most five minutes.
 */
export function isFromGrafana(secret: string, { signature, timestamp, rawBody, now }: SignedAlert): boolean {
  if (signature === undefined || timestamp === undefined) return false;
  const expected = createHmac('sha256', secret).update(`${timestamp}:`).update(rawBody).digest('hex');
  if (!equalSecrets(expected, signature)) return false;
  return Math.abs(now / 1000 - Number(timestamp)) <= WINDOW_SECONDS;
}

/** Labels or annotations. Drops values that are no text, so that one invalid label does not block the alert. */
const texts = z.record(z.string(), lenient(z.string()));
const alert = z.looseObject({
  status: z.enum(['firing', 'resolved']),
  labels: texts,
  annotations: optional(texts),
});

export const alertGroup = z.looseObject({ alerts: z.array(alert).min(1) });
export type AlertGroup = z.infer<typeof alertGroup>;

/**
 * Maximum lines of a text. All alerts of a notification share one text, because DingTalk's robots accept 20 texts a
 * minute: https://open.dingtalk.com/document/robots/custom-robot-access (read 2026-11).
 */
const MAX_LINES = 20;
const MAX_SUMMARY_CHARACTERS = 200;
const MAX_SEVERITY_CHARACTERS = 20;
/** Maximum length of a runbook's address. A longer one is omitted, because a truncated address is useless. */
const MAX_RUNBOOK_CHARACTERS = 200;
/**
 * Maximum bytes of all lines in JSON. Feishu's robots accept requests of 20 kB, and the rest is for the other members:
 * https://open.feishu.cn/document/client-docs/bot-v3/add-custom-bot (read 2026-11).
 */
const MAX_TEXT_BYTES = 18_000;

/** Formats the text for the group, with one line per alert. */
export function alertText({ alerts }: AlertGroup): string {
  const all = alerts.slice(0, MAX_LINES).map(({ status, labels, annotations = {} }) => {
    const severity = oneLine(labels.severity, MAX_SEVERITY_CHARACTERS) || 'alert';
    const summary = [annotations.summary, labels.alertname].map((text) => oneLine(text, MAX_SUMMARY_CHARACTERS));
    const { runbook_url = '' } = annotations;
    const runbook = status === 'firing' && runbook_url.length <= MAX_RUNBOOK_CHARACTERS ? runbook_url : '';
    return `[${status === 'firing' ? severity : status}] ${summary.find(Boolean) ?? 'alert'} ${runbook}`.trimEnd();
  });
  const lines = withinBytes(all);
  const more = alerts.length - lines.length;
  // Firing and resolved texts start with the same phrase, because a robot may require a keyword in each text.
  return ['Chatbot alert', ...lines, ...(more > 0 ? [`and ${more} more`] : [])].join('\n');
}

/** Returns the first lines within the maximum bytes. */
function withinBytes(lines: readonly string[]): readonly string[] {
  let left = MAX_TEXT_BYTES;
  const end = lines.findIndex((line) => {
    left -= wireSize(`${line}\n`, 1);
    return left < 0;
  });
  return end === -1 ? lines : lines.slice(0, end);
}

/** Truncates a text and joins its lines, because a summary of several lines would look like several alerts. */
function oneLine(text: string | undefined, limit: number): string {
  const characters = [...(text ?? '').trim().replaceAll(/\s+/g, ' ')];
  if (characters.length <= limit) return characters.join('');
  return `${characters.slice(0, limit - 1).join('')}…`;
}
