// Passes Grafana's alerts on to the team's groups.
import { createHash } from 'node:crypto';
import { parseJson } from '../json.ts';
import { OutgoingError } from '../outgoing/errors.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import { alertGroup, alertText, isFromGrafana, type SignedAlert } from './grafana-webhook.ts';
import type { Alert, AlertReceiver, AlertRefusal } from './receivers.ts';

export interface RelayDeps {
  receivers: AlertReceiver[];
  secret: string | undefined;
  metrics: Metrics;
  log: Logger;
}

export interface RelayAnswer {
  status: number;
  body: object;
}

/** Answers 502 unless every group took the text: Grafana then tries again with its next flush. */
export function createRelay({
  receivers,
  secret,
  metrics,
  log,
}: RelayDeps): (request: SignedAlert) => Promise<RelayAnswer> {
  async function deliver(receiver: AlertReceiver, alert: Alert): Promise<boolean> {
    const refusal = await receiver.deliver(alert).catch(unanswered);
    const delivered = refusal === undefined;
    metrics.alertRelay.inc({ receiver: receiver.platform, outcome: delivered ? 'delivered' : 'failed' });
    log[delivered ? 'info' : 'error']('Alert relayed', {
      'event.action': 'alert-relayed',
      'event.outcome': delivered ? 'success' : 'failure',
      'chatbot.platform': receiver.platform,
      ...(refusal ? { 'event.reason': refusal.class, 'error.code': refusal.code, 'error.message': refusal.hint } : {}),
    });
    return delivered;
  }

  return async (request) => {
    if (secret === undefined || receivers.length === 0) {
      const missing = secret === undefined ? 'ALERT_RELAY_SECRET' : 'ALERT_FEISHU_WEBHOOK or ALERT_DINGTALK_WEBHOOK';
      return { status: 503, body: { error: `Alerts go nowhere: set ${missing}.` } };
    }
    if (!isFromGrafana(secret, request)) {
      for (const { platform } of receivers) metrics.alertRelay.inc({ receiver: platform, outcome: 'rejected' });
      return { status: 401, body: { error: 'signature_mismatch' } };
    }
    const group = alertGroup.safeParse(parseJson(request.rawBody.toString('utf8')));
    if (!group.success) return { status: 400, body: { error: 'malformed_alert' } };
    const key = createHash('sha256').update(request.rawBody).digest('hex').slice(0, 32);
    const alert = { text: alertText(group.data), key };
    const delivered = await Promise.all(receivers.map((receiver) => deliver(receiver, alert)));
    return delivered.every(Boolean) ? { status: 200, body: {} } : { status: 502, body: { error: 'not delivered' } };
  };
}

/** A request without an answer, in the same form as a refusal. */
function unanswered(error: unknown): AlertRefusal {
  if (!(error instanceof OutgoingError)) throw error;
  return { class: error.kind === 'timeout' ? 'timeout' : 'network', code: error.code, hint: error.message };
}
