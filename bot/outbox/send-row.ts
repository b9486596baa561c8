// Makes one attempt to send a part, and writes, counts and logs its result.
import type { Channel } from '../domain/channel.ts';
import { type Fate, type OutboundPart, RenderError, type SendFailure, type SendResult } from '../domain/delivery.ts';
import { decodePayload, PayloadError } from '../domain/payload.ts';
import type { Platform } from '../domain/platform.ts';
import { retryWhileUnavailable } from '../store/retry-while-unavailable.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import { INTERRUPTED, type Outbox, type OutboxRow, PART_EXPIRES_AFTER_MS } from './outbox.ts';
import type { Pacer } from './pacer.ts';

/** The latest push to a platform, as `/status` reports it. */
export interface PushNote {
  at: string;
  outcome: Fate;
  class: string | null;
  code: string | null;
}

export interface SendRowDeps {
  outbox: Outbox;
  channels: ReadonlyMap<Platform, Channel>;
  pacer: Pacer;
  metrics: Metrics;
  log: Logger;
  hashChat: (chatKey: string) => string;
  note: (platform: Platform, note: PushNote) => void;
  clock: () => number;
}

export interface RowSender {
  /**
   * Makes one attempt to send the part of a row, and writes, counts and logs its result. If `signal` aborts, releases
   * the row, unless it may have been delivered by a platform without an idempotency key.
   */
  send(row: OutboxRow, signal: AbortSignal): Promise<void>;
}

export function createRowSender(deps: SendRowDeps): RowSender {
  return {
    async send(row, signal) {
      const channel = deps.channels.get(row.platform);
      const notSent = reasonNotToSend(row, channel, deps.clock());
      // If the process stops before the send, release the part, so that the next process sends it.
      if (!notSent && channel && !(await pace(deps, channel, row, signal))) return deps.outbox.release(row);
      // Without an idempotency key, mark the part before the send, because a repeated send could show it twice.
      if (!notSent && !channel?.idempotent && !(await deps.outbox.begin(row))) return;
      const start = performance.now();
      const result = notSent ?? (await send(deps, channel as Channel, row, signal)); // without a channel, `notSent` is set
      if (result.outcome === 'retrying' && result.failure.code === 'ABORT_ERR') return deps.outbox.release(row);
      const settled = await retryWhileUnavailable(() => deps.outbox.settle(row, result), signal);
      recordPush(deps, row, { result, outcome: settled, seconds: (performance.now() - start) / 1000 });
    },
  };
}

/** Returns a result if the part must not be sent, otherwise undefined. */
function reasonNotToSend(row: OutboxRow, channel: Channel | undefined, now: number): SendResult | undefined {
  if (!channel?.appIds.includes(row.app_id)) {
    const message = `No credentials for the app ${row.app_id}: it was removed from the settings.`;
    return unsent('retrying', { class: 'credentials', code: 'NOT_CONFIGURED', message });
  }
  if (row.takenOver && row.last_code === INTERRUPTED && !channel.idempotent) {
    // The previous owner may have sent the part. A duplicate message is worse than a part in the state `unknown`.
    const message = 'The process ended while this part was being sent; the platform may have received it.';
    return unsent('unknown', { class: 'unknown', code: INTERRUPTED, message });
  }
  if (now <= Number(row.expires_at)) return undefined;
  const message = `Expired: not sent within ${PART_EXPIRES_AFTER_MS / 60_000} minutes.`;
  return unsent('dead', { class: 'timeout', code: 'EXPIRED', message });
}

/**
 * Calls the channel. If the target is unreadable, the part is dead at once. A bug would throw again at each attempt, and
 * block later parts of the chat. So if the channel throws, the part is sent once more without rendering, unless that
 * could show it twice. If that throws too, the part becomes `dead`, or `unknown` if it may have been delivered.
 */
async function send(deps: SendRowDeps, channel: Channel, row: OutboxRow, signal: AbortSignal): Promise<SendResult> {
  try {
    return await channel.send(partOf(row, deps.clock()), signal);
  } catch (error) {
    if (error instanceof PayloadError) return unreadableRow(error);
    logUnexpected(deps, row, error);
    if (!channel.idempotent && !(error instanceof RenderError)) return unexpectedError('unknown');
  }
  try {
    return await channel.send({ ...partOf(row, deps.clock()), plain: true }, signal);
  } catch (error) {
    logUnexpected(deps, row, error);
    return unexpectedError(channel.idempotent ? 'dead' : 'unknown');
  }
}

/** Returns the result for a target that this program cannot read. Another attempt would fail in the same manner. */
function unreadableRow({ message }: PayloadError): SendResult {
  return unsent('dead', { class: 'bad_request', code: 'UNREADABLE_ROW', message });
}

function logUnexpected({ log }: SendRowDeps, row: OutboxRow, error: unknown): void {
  log.error('Unexpected error while sending', { error, 'trace.id': row.trace_id });
}

function unexpectedError(outcome: 'dead' | 'unknown'): SendResult {
  const message = 'Unexpected error; see the log line with the same trace id.';
  return unsent(outcome, { class: 'unknown', code: 'INTERNAL_ERROR', message });
}

/** Waits for the rate limits of the chat and the app. Returns false if `signal` aborts first. */
async function pace({ pacer }: SendRowDeps, channel: Channel, row: OutboxRow, signal: AbortSignal): Promise<boolean> {
  try {
    await pacer.wait(row.chat_key, channel.rates.chat, signal);
    for (const [i, rate] of channel.rates.app.entries()) {
      await pacer.wait(`${row.platform} ${row.app_id} ${i}`, rate, signal);
    }
    return true;
  } catch (error) {
    if (signal.aborted) return false;
    throw error;
  }
}

function partOf(row: OutboxRow, now: number): OutboundPart {
  const target = decodePayload(row.target);
  const { app_id: appId, content: text, idempotency_key: idempotencyKey, replaces } = row;
  return { appId, target, text, idempotencyKey, now, ...(replaces === null ? {} : { replaces }) };
}

/** Returns the result of an attempt without an answer of the platform. */
function unsent(outcome: Exclude<Fate, 'sent'>, failure: Omit<SendFailure, 'stage'>): SendResult {
  return { outcome, failure: { ...failure, stage: 'send' } };
}

interface Attempt {
  result: SendResult;
  outcome: Fate;
  seconds: number;
}

function recordPush({ metrics, log, note, hashChat, clock }: SendRowDeps, row: OutboxRow, attempt: Attempt): void {
  const { platform } = row;
  const { result, outcome, seconds } = attempt;
  const failure = result.outcome === 'sent' ? undefined : result.failure;
  const logId = result.outcome === 'sent' ? result.logId : failure?.logId;
  metrics.pushes.inc({ platform, outcome });
  metrics.pushDuration.observe({ platform }, seconds);
  if (failure) metrics.pushErrors.inc({ platform, class: failure.class });
  note(platform, {
    at: new Date(clock()).toISOString(),
    outcome,
    class: failure?.class ?? null,
    code: failure?.code ?? '0',
  });
  log[failure ? 'warn' : 'info']('Push attempted', {
    'trace.id': row.trace_id,
    'event.action': 'push-attempted',
    'event.outcome': failure ? 'failure' : 'success',
    'event.duration': Math.round(seconds * 1e9),
    'chatbot.platform': platform,
    'chatbot.app_id': row.app_id,
    'chatbot.attempt': row.attempts,
    'chatbot.chat_hash': hashChat(row.chat_key),
    'chatbot.push_outcome': outcome,
    'chatbot.stage': failure?.stage ?? 'send',
    'chatbot.code': failure?.code ?? '0',
    ...(failure ? { 'event.reason': failure.class, 'error.code': failure.code, 'error.message': failure.message } : {}),
    ...(logId ? { 'chatbot.log_id': logId } : {}),
  });
}
