// The two loops that do the work: messages become replies, replies are pushed.
import type { Base } from './base.ts';
import { secretValues } from './config/secret-values.ts';
import { createAnswerer } from './conversation/answer.ts';
import { createFinisher } from './conversation/finish-messages.ts';
import { createMessageHandler } from './conversation/handle-message.ts';
import { createTenantRate } from './limits/tenant-rate.ts';
import { createPacer } from './outbox/pacer.ts';
import { createRowSender } from './outbox/send-row.ts';
import { RENEW_EVERY_MS } from './store/lease.ts';
import { hashId } from './telemetry/logger.ts';
import { createPump, type Pump } from './worker/pump.ts';

/** How long a queue sleeps when nothing tells it of new rows: retries become due, other processes add rows. */
const IDLE_MS = 500;

export interface Pumps {
  messages: Pump;
  pushes: Pump;
}

export function createPumps(base: Base): Pumps {
  const pushes = createPushPump(base);
  return { pushes, messages: createMessagePump(base, pushes.wake) };
}

function createPushPump({ settings, outbox, channels, metrics, log, activity, clock }: Base): Pump {
  const hashKey = secretValues(settings).join('\n');
  const hashChat = (chatKey: string) => hashId(hashKey, chatKey);
  const pacer = createPacer({ clock });
  return createPump({
    concurrency: settings.OUTBOX_CONCURRENCY,
    lease: outbox.lease,
    renew: outbox.renew,
    renewEveryMs: RENEW_EVERY_MS,
    handle: createRowSender({ outbox, channels, pacer, metrics, log, hashChat, note: activity.pushed, clock }),
    idleMs: IDLE_MS,
    log,
  });
}

function createMessagePump(base: Base, onReply: () => void): Pump {
  const { settings, store, inbox, channels, tenants, log } = base;
  return createPump({
    concurrency: settings.INBOX_CONCURRENCY,
    lease: inbox.lease,
    renew: inbox.renew,
    renewEveryMs: RENEW_EVERY_MS,
    handle: createMessageHandler({
      ...base,
      finish: createFinisher({
        ...base,
        split: (platform, markdown) => channels.get(platform)?.split(markdown) ?? [markdown],
      }),
      answer: createAnswerer({ model: base.model, describeStatus: base.status.sentence }),
      overTenantRate: createTenantRate(store, tenants),
      onReply,
    }),
    idleMs: IDLE_MS,
    log,
  });
}
