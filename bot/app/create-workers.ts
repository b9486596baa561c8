// Creates the two workers of a bot: one answers messages, the other sends the parts of replies.
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
import { createConcurrencyLimiter } from '../worker/concurrency-limiter.ts';
import { createPump, type Pump } from '../worker/pump.ts';
import type { Parts } from './parts.ts';

/**
 * Milliseconds between two polls of an idle queue: a due retry or a row of another process does not wake the worker.
 */
const IDLE_MS = 500;

export interface Workers {
  messages: Pump;
  pushes: Pump;
}

export function createWorkers(parts: Parts): Workers {
  const pushes = createPushWorker(parts);
  return { pushes, messages: createMessageWorker(parts, pushes.wake) };
}

function createPushWorker({ settings, outbox, channels, metrics, log, activity, clock }: Parts): Pump {
  const hashKey = hashKeyOf(settings);
  const hashChat = (chatKey: string) => hashId(hashKey, chatKey);
  const pacer = createPacer();
  const sender = createRowSender({ outbox, channels, pacer, metrics, log, hashChat, note: activity.pushed, clock });
  return createPump({
    concurrency: settings.OUTBOX_CONCURRENCY,
    lease: outbox.lease,
    renew: outbox.renew,
    renewEveryMs: RENEW_EVERY_MS,
    handle: sender.send,
    idleMs: IDLE_MS,
    log,
  });
}

function createMessageWorker(parts: Parts, onReply: () => void): Pump {
  const { settings, store, inbox, outbox, sessions, channels, log } = parts;
  const split = (platform: Platform, markdown: string) => channels.get(platform)?.split(markdown) ?? [markdown];
  const conversationLog = createConversationLog({ store });
  const decider = createMessageDecider(parts);
  const finisher = createFinisher({ store, inbox, outbox, sessions, conversationLog, split, log });
  const handler = createMessageHandler({ inbox, decider, finisher, log, onReply });
  return createPump({
    concurrency: settings.INBOX_CONCURRENCY,
    leaseLimit: createConcurrencyLimiter(settings.INBOX_CONCURRENCY),
    lease: inbox.lease,
    renew: inbox.renew,
    renewEveryMs: RENEW_EVERY_MS,
    handle: handler.handle,
    idleMs: IDLE_MS,
    log,
  });
}

function createMessageDecider(parts: Parts): Decider {
  const { settings, store, inbox, channels, sessions, tenants, model, status, metrics, clock } = parts;
  const commands = createCommands({
    operators: settings.OPERATORS,
    status,
    timeZone: settings.TIME_ZONE,
    doctor: createDoctor(),
  });
  return createDecider({
    inbox,
    channels,
    sessions,
    answerer: createAnswerer({ model, commands }),
    limits: createLimits({ store, clock, metrics, senderLimit: settings.SENDER_RATE_LIMIT }),
    tenants,
    metrics,
    thinkingAfterMs: settings.THINKING_AFTER_MS,
    groupSession: settings.GROUP_SESSION,
    clock,
  });
}
