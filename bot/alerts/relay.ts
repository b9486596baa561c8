// Relays Grafana's alerts to the team's groups.
import { createHash } from 'node:crypto';
import type { Alert, AlertReceiver, AlertRejection } from '../domain/alert.ts';
import { HttpClientError } from '../http-client/errors.ts';
import { descriptors } from '../platforms/registry.ts';
import { parseJson } from '../runtime/json.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import { createDeliveries, type Delivery } from './deliveries.ts';
import { alertGroup, alertText, isFromGrafana, type SignedAlert, WINDOW_SECONDS } from './grafana-webhook.ts';

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

export interface AlertRelay {
  /**
   * Sends one notification to all groups. Answers 502 unless all groups accepted it. Grafana then retries with its next
   * flush. A signed request reaches each group once. If it is posted again, it is sent to the groups that did not
   * accept it. If there are none, it is rejected.
   */
  relay(request: SignedAlert): Promise<RelayAnswer>;
}

export function createRelay({ receivers, secret, metrics, log }: RelayDeps): AlertRelay {
  async function deliver(receiver: AlertReceiver, alert: Alert): Promise<boolean> {
    const rejection = await receiver.deliver(alert).catch(rejectionOf);
    const delivered = rejection === undefined;
    metrics.alertRelay.inc({ receiver: receiver.platform, outcome: delivered ? 'delivered' : 'failed' });
    log[delivered ? 'info' : 'error']('Alert relayed', {
      'event.action': 'alert-relayed',
      'event.outcome': delivered ? 'success' : 'failure',
      'chatbot.platform': receiver.platform,
      ...(rejection
        ? { 'event.reason': rejection.class, 'error.code': rejection.code, 'error.message': rejection.hint }
        : {}),
    });
    return delivered;
  }

  async function deliverOnce(request: SignedAlert, { delivered }: Delivery): Promise<RelayAnswer> {
    const group = alertGroup.safeParse(parseJson(request.rawBody.toString('utf8')));
    if (!group.success) return { status: 400, body: { error: 'malformed_alert' } };
    const key = createHash('sha256').update(request.rawBody).digest('hex').slice(0, 32);
    const alert = { text: alertText(group.data), key };
    const left = receivers.filter(({ platform }) => !delivered.has(platform));
    await Promise.all(
      left.map(async (receiver) => {
        if (await deliver(receiver, alert)) delivered.add(receiver.platform);
      }),
    );
    return delivered.size === receivers.length
      ? { status: 200, body: {} }
      : { status: 502, body: { error: 'not delivered' } };
  }

  function reject(error: string): RelayAnswer {
    for (const { platform } of receivers) metrics.alertRelay.inc({ receiver: platform, outcome: 'rejected' });
    return { status: 401, body: { error } };
  }

  const deliveries = createDeliveries();
  return {
    async relay(request) {
      if (secret === undefined || receivers.length === 0) {
        const missing = secret === undefined ? 'ALERT_RELAY_SECRET' : webhookSettings();
        return { status: 503, body: { error: `Alerts cannot be delivered. Set ${missing}.` } };
      }
      if (!isFromGrafana(secret, request)) return reject('signature_mismatch');
      const { signature = '', timestamp, now } = request;
      const expiresAt = (Number(timestamp) + WINDOW_SECONDS) * 1000;
      const delivery = deliveries.begin({ signature, expiresAt, now, groups: receivers.length });
      if (delivery === 'reused') return reject('signature_reused');
      if (delivery === 'full') return { status: 503, body: { error: 'too many alerts at once' } };
      try {
        return await deliverOnce(request, delivery);
      } finally {
        delivery.end();
      }
    },
  };
}

/** Converts the error of a request without an answer to a rejection. Throws other errors. */
function rejectionOf(error: unknown): AlertRejection {
  if (!(error instanceof HttpClientError)) throw error;
  return { class: error.kind === 'timeout' ? 'timeout' : 'network', code: error.code, hint: error.message };
}

/** Returns the names of the webhook settings, of which at least one is required. */
const webhookSettings = (): string =>
  descriptors()
    .flatMap(({ alerts }) => alerts?.webhookSetting ?? [])
    .join(' or ');
