// Logs the first organisation of an app, and organisations that are not bound to a tenant.
import type { InboundMessage } from '../domain/message.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { Metrics } from '../telemetry/metrics.ts';

export type Organisation = Pick<InboundMessage, 'platform' | 'appId' | 'externalTenantId'>;

/** Organisation without a tenant. Its messages are ignored. */
export interface UnknownOrganisation {
  platform: string;
  appId: string;
  organisation: string;
  /** Number of messages that this process ignored. */
  ignored: number;
  lastAt: string;
}

export interface TenantNotices {
  /** Logs that the organisation was bound to the tenant `default`. */
  bound(organisation: Organisation): void;
  /** Logs that a message was ignored, because its organisation is not bound to a tenant. Limited per organisation. */
  ignored(organisation: Organisation): void;
  /** Returns the ignored organisations, latest last, at most `UNKNOWN_KEPT`. */
  unknown(): UnknownOrganisation[];
}

export interface NoticesOptions {
  log: Pick<Logger, 'warn'>;
  metrics: Pick<Metrics, 'organisationBoundAt'>;
  /** Milliseconds since 1970. */
  clock: () => number;
}

/** Minimum interval between two warnings about one organisation, in milliseconds. */
export const WARN_EVERY_MS = 3_600_000;
/** Maximum number of organisations in memory. There is a limit, because a forged callback can name any organisation. */
const UNKNOWN_KEPT = 20;

export function createTenantNotices({ log, metrics, clock }: NoticesOptions): TenantNotices {
  const known = new Map<string, UnknownOrganisation & { warnedAt: number }>();
  return {
    bound(organisation) {
      metrics.organisationBoundAt.set({ platform: organisation.platform }, clock() / 1000);
      log.warn('An organisation was bound to the tenant default', {
        'event.action': 'organisation-bound',
        ...fieldsOf(organisation),
      });
    },
    ignored(organisation) {
      const { platform, appId, externalTenantId } = organisation;
      const key = JSON.stringify([platform, appId, externalTenantId]);
      const before = known.get(key);
      const now = clock();
      const due = before === undefined || Math.abs(now - before.warnedAt) >= WARN_EVERY_MS;
      known.delete(key);
      known.set(key, {
        ...{ platform, appId, organisation: externalTenantId, lastAt: new Date(now).toISOString() },
        ignored: (before?.ignored ?? 0) + 1,
        warnedAt: due ? now : before.warnedAt,
      });
      const [oldest] = known.keys();
      if (known.size > UNKNOWN_KEPT && oldest !== undefined) known.delete(oldest);
      if (!due) return;
      log.warn('Messages are ignored, because their organisation is not bound to a tenant', {
        'event.action': 'organisation-unknown',
        ...fieldsOf(organisation),
      });
    },
    unknown: () => [...known.values()].map(({ warnedAt: _warnedAt, ...facts }) => facts),
  };
}

function fieldsOf({ platform, appId, externalTenantId }: Organisation) {
  return { 'chatbot.platform': platform, 'chatbot.app_id': appId, 'chatbot.organisation': externalTenantId };
}
