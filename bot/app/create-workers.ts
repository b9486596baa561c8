// The two loops that do the work: messages become replies, replies are pushed.

import { hashKeyOf } from '../config/secret-values.ts';
import { createAnswerer } from '../conversation/answerer.ts';
import { createCommands } from '../conversation/commands/commands.ts';
import { createDoctor } from '../conversation/commands/doctor.ts';
import { createConversationLog } from '../conversation/conversation-log.ts';
import { createDecider, type Decider } from '../conversation/decide.ts';
import { createFinisher } from '../conversation/finish-messages.ts';
import { createMessageHandler } from '../conversation/handle-message.ts';
import type { Platform } from '../domain/platform.ts';
import { createLimits } from '../limits/limits.ts';
import { createPacer } from '../outbox/pacer.ts';
import { createRowSender } from '../outbox/send-row.ts';
import { RENEW_EVERY_MS } from '../store/lease-times.ts';
import { hashId } from '../telemetry/logger.ts';
import { createAppetite } from '../worker/appetite.ts';
import { createPump, type Pump } from '../worker/pump.ts';
import type { Base } from './parts.ts';

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
  const hashKey = hashKeyOf(settings);
  const hashChat = (chatKey: string) => hashId(hashKey, chatKey);
  const pacer = createPacer();
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
  const { settings, store, inbox, channels, log } = base;
  const split = (platform: Platform, markdown: string) => channels.get(platform)?.split(markdown) ?? [markdown];
  return createPump({
    concurrency: settings.INBOX_CONCURRENCY,
    appetite: createAppetite(settings.INBOX_CONCURRENCY),
    lease: inbox.lease,
    renew: inbox.renew,
    renewEveryMs: RENEW_EVERY_MS,
    handle: createMessageHandler({
      inbox,
      decide: createMessageDecider(base),
      finish: createFinisher({ ...base, conversationLog: createConversationLog({ store }), split }),
      log,
      onReply,
    }),
    idleMs: IDLE_MS,
    log,
  });
}

function createMessageDecider(base: Base): Decider {
  const { settings, model, status } = base;
  const commands = createCommands({
    operators: settings.OPERATORS,
    readStatus: status.report,
    timeZone: settings.TIME_ZONE,
    doctor: createDoctor(),
  });
  return createDecider({
    ...base,
    answerer: createAnswerer({ model, commands }),
    limits: createLimits({ ...base, senderLimit: settings.SENDER_RATE_LIMIT }),
    thinkingAfterMs: settings.THINKING_AFTER_MS,
    groupSession: settings.GROUP_SESSION,
  });
}
