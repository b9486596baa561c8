// What Grafana posts when alerts fire or resolve, and the proof that it was Grafana.
import { createHmac } from 'node:crypto';
import { z } from 'zod';
import { equalSecrets } from '../platforms/shared/compare.ts';
import { wireSize } from '../platforms/shared/markdown/wire-size.ts';
import { lenient, optional } from '../platforms/shared/optional.ts';

/** Names set in the contact point of `grafana/provisioning/alerting`. */
export const SIGNATURE_HEADER = 'x-grafana-alerting-signature';
export const TIMESTAMP_HEADER = 'x-grafana-alerting-timestamp';

/** How long a signature is accepted, before and after its time. */
export const WINDOW_SECONDS = 300;

export interface SignedAlert {
  signature: string | undefined;
  /** Seconds since 1970, as text. */
  timestamp: string | undefined;
  rawBody: Buffer;
  /** Milliseconds since 1970. */
  now: number;
}

/** Hex HMAC-SHA256 over `timestamp:body`, at most five minutes old. */
export function isFromGrafana(secret: string, { signature, timestamp, rawBody, now }: SignedAlert): boolean {
  if (signature === undefined || timestamp === undefined) return false;
  const expected = createHmac('sha256', secret).update(`${timestamp}:`).update(rawBody).digest('hex');
  if (!equalSecrets(expected, signature)) return false;
  return Math.abs(now / 1000 - Number(timestamp)) <= WINDOW_SECONDS;
}

/** Values that are no text are as absent: one odd label must not keep the alert from the group. */
const texts = z.record(z.string(), lenient(z.string()));
const alert = z.looseObject({
  status: z.enum(['firing', 'resolved']),
  labels: texts,
  annotations: optional(texts),
});

export const alertGroup = z.looseObject({ alerts: z.array(alert).min(1) });
export type AlertGroup = z.infer<typeof alertGroup>;

/** Feishu's robots take 20 kB, DingTalk's 20 texts a minute: all alerts go into one text, and its lines are bounded. */
const MAX_LINES = 20;
const MAX_SUMMARY_CHARACTERS = 200;
const MAX_SEVERITY_CHARACTERS = 20;
/** A longer address is left out: cut, it would lead nowhere. */
const MAX_RUNBOOK_CHARACTERS = 200;
/** Of all lines, as JSON has them. The rest of a request is for what stands around the text. */
const MAX_TEXT_BYTES = 18_000;

/** One text for the group, a line an alert. */
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
  // Firing and resolved texts start alike: a robot with a keyword rule would drop the ones that lack it.
  return ['Chatbot alert', ...lines, ...(more > 0 ? [`and ${more} more`] : [])].join('\n');
}

/** The first lines; all of them unless most are very long in bytes. */
function withinBytes(lines: readonly string[]): readonly string[] {
  let left = MAX_TEXT_BYTES;
  const end = lines.findIndex((line) => {
    left -= wireSize(`${line}\n`, 1);
    return left < 0;
  });
  return end === -1 ? lines : lines.slice(0, end);
}

/** Cut at the limit; a summary of several lines would look like several alerts. */
function oneLine(text: string | undefined, limit: number): string {
  const characters = [...(text ?? '').trim().replaceAll(/\s+/g, ' ')];
  if (characters.length <= limit) return characters.join('');
  return `${characters.slice(0, limit - 1).join('')}…`;
}
