// What Grafana posts when alerts fire or resolve, and the proof that it was Grafana.
import { createHmac } from 'node:crypto';
import { z } from 'zod';
import { equalSecrets } from '../channels/compare.ts';

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

const alert = z.looseObject({
  status: z.enum(['firing', 'resolved']),
  labels: z.record(z.string(), z.string()),
  annotations: z.record(z.string(), z.string()).default({}),
});

export const alertGroup = z.looseObject({ alerts: z.array(alert).min(1) });
export type AlertGroup = z.infer<typeof alertGroup>;

/** Feishu's robots take 20 kB, DingTalk's 20 texts a minute: all alerts go into one text, and its lines are bounded. */
const MAX_LINES = 20;
const MAX_SUMMARY_CHARACTERS = 200;

/** One text for the group, a line an alert. */
export function alertText({ alerts }: AlertGroup): string {
  const lines = alerts.slice(0, MAX_LINES).map(({ status, labels, annotations }) => {
    const state = status === 'firing' ? `[${labels.severity ?? 'alert'}]` : '[resolved]';
    const runbook = status === 'firing' && annotations.runbook_url ? ` ${annotations.runbook_url}` : '';
    return `${state} ${shorten(annotations.summary ?? labels.alertname ?? 'alert')}${runbook}`;
  });
  const more = alerts.length - lines.length;
  // Firing and resolved texts start alike: a robot with a keyword rule would drop the ones that lack it.
  return ['Chatbot alert', ...lines, ...(more > 0 ? [`and ${more} more`] : [])].join('\n');
}

function shorten(text: string): string {
  const characters = [...text];
  if (characters.length <= MAX_SUMMARY_CHARACTERS) return text;
  return `${characters.slice(0, MAX_SUMMARY_CHARACTERS - 1).join('')}…`;
}
