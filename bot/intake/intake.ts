// Processes a callback: its channel verifies it, then it is stored, answered, counted and logged with one reason.

import { usesLongConnection } from '../config/input.ts';
import type { CallbackOutcome, IgnoredReason } from '../domain/callback.ts';
import {
  type BodyTerms,
  type CallbackHead,
  type CallbackRequest,
  type CallbackResult,
  type RejectedReason,
  rejectedStatus,
} from '../domain/callback.ts';
import type { Channel } from '../domain/channel.ts';
import type { Platform } from '../domain/platform.ts';
import type { Inbox } from '../inbox/inbox.ts';
import { type Logger, newTraceId } from '../telemetry/logger.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import type { Tenants } from '../tenants/tenants.ts';
import { createLineLimit, type LineAllowance } from './line-limit.ts';

/** HTTP answer to the platform. */
export interface CallbackAnswer {
  status: number;
  body: object;
}

/** Reason for rejecting a callback without reading its body. */
export type RejectionReason = RejectedReason | 'not_configured';

export interface IntakeDeps {
  settings: object;
  channels: ReadonlyMap<Platform, Channel>;
  inbox: Inbox;
  tenants: Tenants;
  metrics: Metrics;
  log: Logger;
  /** Called after a message has been added to the inbox. */
  onMessage: () => void;
  /** Called for every verified callback. */
  onSeen: (platform: Platform) => void;
}

/** Sender of a callback that is not verified. The address is undefined if the connection was reset. */
interface UnverifiedSender {
  clientIp: string | undefined;
}

interface HandledCallback extends CallbackAnswer {
  outcome: CallbackOutcome;
  reason: string;
  /** Set if the outcome is `ignored`. */
  ignored?: IgnoredReason;
  /** Set if the organisation of the message is bound to no tenant. */
  organisation?: string;
  messageId?: string;
  appId?: string;
  /** Set for a callback that is not verified. Its log lines are limited, because any client can cause them. */
  unverified?: UnverifiedSender;
  error?: unknown;
}

/** Returns the sender's address, or undefined if the connection was reset before the address was read. */
export type ClientIp = () => string | undefined;

export interface Intake {
  /**
   * Processes a callback from a long connection, already verified by its channel. The caller may acknowledge it if the
   * status is 200.
   */
  admit(platform: Platform, result: CallbackResult): Promise<CallbackAnswer>;
  /**
   * Checks the head of a callback. Returns the limits for reading its body, or the reason for rejecting it. The caller
   * passes that reason to `reject`.
   */
  screen(platform: Platform, head: CallbackHead): BodyTerms | { reason: RejectionReason };
  /** Processes a callback received over HTTP, with its body. */
  callback(platform: Platform, request: CallbackRequest, clientIp: ClientIp): Promise<CallbackAnswer>;
  /** Rejects a callback because of its head, or because its body could not be read. */
  reject(platform: Platform, reason: RejectionReason, clientIp: ClientIp): CallbackAnswer;
}

export function createIntake(deps: IntakeDeps): Intake {
  const allowLine = createLineLimit();
  const configured = (platform: Platform) => {
    const channel = deps.channels.get(platform);
    return channel && channel.appIds.length > 0 ? channel : undefined;
  };
  const allowanceOf = ({ unverified }: HandledCallback) => (unverified === undefined ? 'line' : allowLine());

  async function handle(
    platform: Platform,
    run: (traceId: string) => Promise<HandledCallback>,
  ): Promise<CallbackAnswer> {
    const traceId = newTraceId();
    const start = performance.now();
    const handled = await run(traceId).catch((error: unknown): HandledCallback => {
      // Answer 503 instead of acknowledging, so that the platform delivers the message again later.
      return { outcome: 'error', reason: 'store_failed', status: 503, body: { error: 'try again later' }, error };
    });
    const seconds = (performance.now() - start) / 1000;
    recordCallback(deps, platform, { handled, traceId, seconds, allowance: allowanceOf(handled) });
    return { status: handled.status, body: handled.body };
  }
  return {
    admit: (platform, result) => handle(platform, (traceId) => handleResult(deps, platform, { result, traceId })),
    screen(platform, head) {
      // Accept only the long connection, because the callback may have weaker protection or none.
      if (usesLongConnection(deps.settings, platform)) return { reason: 'long_connection_only' };
      return configured(platform)?.screen(head) ?? { reason: 'not_configured' };
    },
    callback: (platform, request, clientIp) =>
      handle(platform, async (traceId) => {
        const channel = configured(platform);
        if (!channel) return withSender(notConfigured(platform), clientIp);
        const result = receiveSafely(deps, channel, request);
        const handled = await handleResult(deps, platform, { result, traceId });
        return result.kind === 'rejected' ? withSender(handled, clientIp) : handled;
      }),
    reject(platform, reason, clientIp) {
      const handled = withSender(reason === 'not_configured' ? notConfigured(platform) : rejected(reason), clientIp);
      recordCallback(deps, platform, { handled, traceId: newTraceId(), seconds: 0, allowance: allowanceOf(handled) });
      return { status: handled.status, body: handled.body };
    },
  };
}

/**
 * Verifies and parses the callback. If that throws, a redelivery would throw too, so reject the callback instead of
 * answering 503.
 */
function receiveSafely({ log }: IntakeDeps, channel: Channel, request: CallbackRequest): CallbackResult {
  try {
    return channel.receive(request);
  } catch (error) {
    log.error('Failed to process a callback', { error, 'chatbot.platform': channel.platform });
    return { kind: 'rejected', reason: 'malformed_event' };
  }
}

interface ReceivedCallback {
  result: CallbackResult;
  traceId: string;
}

async function handleResult(
  deps: IntakeDeps,
  platform: Platform,
  { result, traceId }: ReceivedCallback,
): Promise<HandledCallback> {
  if (result.kind === 'rejected') return rejected(result.reason);
  deps.onSeen(platform);
  return result.kind === 'message' ? accept(deps, result, traceId) : acknowledge(result);
}

function withSender(handled: HandledCallback, clientIp: ClientIp): HandledCallback {
  return { ...handled, unverified: { clientIp: clientIp() } };
}

function notConfigured(platform: Platform): HandledCallback {
  const error = `${platform} is not configured on this server`;
  return { outcome: 'error', reason: 'not_configured', status: 503, body: { error } };
}

type MessageResult = Extract<CallbackResult, { kind: 'message' }>;

async function accept(deps: IntakeDeps, { message, body }: MessageResult, traceId: string): Promise<HandledCallback> {
  const { messageId, appId } = message;
  const acknowledged = (outcome: CallbackOutcome, reason: string): HandledCallback => ({
    outcome,
    reason,
    messageId,
    appId,
    status: 200,
    body,
  });
  const tenant = await deps.tenants.resolve(message);
  // The callback is genuine, but no tenant owns it. A redelivery would not change that, so acknowledge it.
  if (!tenant) {
    const organisation = message.externalTenantId;
    return { ...acknowledged('ignored', 'unknown_tenant'), ignored: 'unknown_tenant', organisation };
  }
  const claimed = await deps.inbox.claim({ message, tenantId: tenant.tenantId, traceId });
  if (!claimed) return acknowledged('duplicate', 'duplicate');
  deps.onMessage();
  return acknowledged('accepted', 'message');
}

function acknowledge(result: Extract<CallbackResult, { kind: 'challenge' | 'ignored' }>): HandledCallback {
  const { kind, reason, appId, body } = result;
  const answer = { outcome: kind, reason, appId, status: 200, body };
  if (result.kind === 'challenge') return answer;
  return { ...answer, ignored: result.reason, ...(result.messageId ? { messageId: result.messageId } : {}) };
}

function rejected(reason: RejectedReason): HandledCallback {
  return { outcome: 'rejected', reason, status: rejectedStatus[reason], body: { error: reason } };
}

interface CallbackRecord {
  handled: HandledCallback;
  traceId: string;
  seconds: number;
  allowance: LineAllowance;
}

function recordCallback({ metrics, log }: IntakeDeps, platform: Platform, record: CallbackRecord): void {
  const { handled, traceId, seconds, allowance } = record;
  const { outcome, reason, ignored, organisation, status, messageId, appId, unverified, error } = handled;
  const failed = outcome === 'rejected' || outcome === 'error';
  metrics.callbacks.inc({ platform, outcome });
  if (ignored) metrics.callbacksIgnored.inc({ platform, reason: ignored });
  metrics.callbackAckDuration.observe({ platform }, seconds);
  if (allowance === 'none') return;
  log[outcome === 'error' ? 'error' : failed ? 'warn' : 'info']('Callback received', {
    'trace.id': traceId,
    'event.action': 'callback-received',
    'event.outcome': failed ? 'failure' : 'success',
    'event.reason': reason,
    'event.duration': Math.round(seconds * 1e9),
    'http.response.status_code': status,
    'chatbot.platform': platform,
    'chatbot.callback_outcome': outcome,
    'chatbot.message_id': messageId,
    'chatbot.app_id': appId,
    'chatbot.organisation': organisation,
    'client.ip': unverified?.clientIp,
    error,
  });
  if (allowance === 'last') log.warn('Too many rejected callbacks to log each one; chatbot_callbacks_total counts all');
}
