// What happens to a callback: judged by its channel, stored, answered, counted and logged, always with one reason.

import { usesLongConnection } from '../config/input.ts';
import type { Settings } from '../config/settings.ts';
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

/** An answer to the platform. */
export interface CallbackAnswer {
  status: number;
  body: object;
}

/** Reason to answer a callback without its body. */
export type RejectionReason = RejectedReason | 'not_configured';

export interface IntakeDeps {
  settings: Pick<Settings, 'FEISHU_INPUT' | 'DINGTALK_INPUT'>;
  channels: ReadonlyMap<Platform, Channel>;
  inbox: Inbox;
  tenants: Tenants;
  metrics: Metrics;
  log: Logger;
  /** Called when a message is in the inbox. */
  onMessage: () => void;
  /** Called for every genuine callback. */
  onSeen: (platform: Platform) => void;
}

/** Sender of what is not known to come from the platform. The address is undefined if the connection was reset. */
interface Stranger {
  clientIp: string | undefined;
}

interface HandledCallback extends CallbackAnswer {
  outcome: CallbackOutcome;
  reason: string;
  /** Why it was ignored. */
  ignored?: IgnoredReason;
  /** Of a message whose organisation is bound to no tenant. */
  organisation?: string;
  messageId?: string;
  appId?: string;
  /** The sender, where anybody can be it: such lines in the log are limited. */
  stranger?: Stranger;
  error?: unknown;
}

/** Address of the sender; undefined if the connection was reset before it was read. */
export type ClientIp = () => string | undefined;

export interface Intake {
  /** What came over a long connection, judged by its channel already. It may be acknowledged when the status is 200. */
  admit(platform: Platform, result: CallbackResult): Promise<CallbackAnswer>;
  /** Decides by the head whether the body is worth reading. Whoever gets a refusal passes it to `reject`. */
  screen(platform: Platform, head: CallbackHead): BodyTerms | { reason: RejectionReason };
  callback(platform: Platform, request: CallbackRequest, clientIp: ClientIp): Promise<CallbackAnswer>;
  /** A callback that was refused by its head, or whose body could not be read. */
  reject(platform: Platform, reason: RejectionReason, clientIp: ClientIp): CallbackAnswer;
}

export function createIntake(deps: IntakeDeps): Intake {
  const allowLine = createLineLimit();
  const configured = (platform: Platform) => {
    const channel = deps.channels.get(platform);
    return channel && channel.appIds.length > 0 ? channel : undefined;
  };
  const allowanceOf = ({ stranger }: HandledCallback) => (stranger === undefined ? 'line' : allowLine());

  async function handle(
    platform: Platform,
    work: (traceId: string) => Promise<HandledCallback>,
  ): Promise<CallbackAnswer> {
    const traceId = newTraceId();
    const start = performance.now();
    const handled = await work(traceId).catch((error: unknown): HandledCallback => {
      // Not acknowledged: the platform delivers the message again later.
      return { outcome: 'error', reason: 'store_failed', status: 503, body: { error: 'try again later' }, error };
    });
    const seconds = (performance.now() - start) / 1000;
    recordCallback(deps, platform, { handled, traceId, seconds, allowance: allowanceOf(handled) });
    return { status: handled.status, body: handled.body };
  }
  return {
    admit: (platform, result) => handle(platform, (traceId) => handleResult(deps, platform, { result, traceId })),
    screen(platform, head) {
      // The connection is the door; a callback would be protected by less, or by nothing.
      if (usesLongConnection(deps.settings, platform)) return { reason: 'long_connection_only' };
      return configured(platform)?.screen(head) ?? { reason: 'not_configured' };
    },
    callback: (platform, request, clientIp) =>
      handle(platform, async (traceId) => {
        const channel = configured(platform);
        if (!channel) return fromStranger(notConfigured(platform), clientIp);
        const result = receiveSafely(deps, channel, request);
        const handled = await handleResult(deps, platform, { result, traceId });
        return result.kind === 'rejected' ? fromStranger(handled, clientIp) : handled;
      }),
    reject(platform, reason, clientIp) {
      const handled = fromStranger(reason === 'not_configured' ? notConfigured(platform) : rejected(reason), clientIp);
      recordCallback(deps, platform, { handled, traceId: newTraceId(), seconds: 0, allowance: allowanceOf(handled) });
      return { status: handled.status, body: handled.body };
    },
  };
}

/** What a body makes the judgement stumble over would make it stumble again: it is refused, not asked for once more. */
function receiveSafely({ log }: IntakeDeps, channel: Channel, request: CallbackRequest): CallbackResult {
  try {
    return channel.receive(request);
  } catch (error) {
    log.error('A callback could not be judged', { error, 'chatbot.platform': channel.platform });
    return { kind: 'rejected', reason: 'malformed_event' };
  }
}

interface Received {
  result: CallbackResult;
  traceId: string;
}

async function handleResult(
  deps: IntakeDeps,
  platform: Platform,
  { result, traceId }: Received,
): Promise<HandledCallback> {
  if (result.kind === 'rejected') return rejected(result.reason);
  deps.onSeen(platform);
  return result.kind === 'message' ? accept(deps, result, traceId) : acknowledge(result);
}

function fromStranger(handled: HandledCallback, clientIp: ClientIp): HandledCallback {
  return { ...handled, stranger: { clientIp: clientIp() } };
}

function notConfigured(platform: Platform): HandledCallback {
  const error = `${platform} is not configured on this server`;
  return { outcome: 'error', reason: 'not_configured', status: 503, body: { error } };
}

type MessageVerdict = Extract<CallbackResult, { kind: 'message' }>;

async function accept(deps: IntakeDeps, { message, body }: MessageVerdict, traceId: string): Promise<HandledCallback> {
  const { messageId, appId } = message;
  const about = (outcome: CallbackOutcome, reason: string): HandledCallback => ({
    outcome,
    reason,
    messageId,
    appId,
    status: 200,
    body,
  });
  const tenant = await deps.tenants.resolve(message);
  // Authentic, but nobody here is responsible for it: repeating would not change that, so it is acknowledged.
  if (!tenant) {
    const organisation = message.externalTenantId;
    return { ...about('ignored', 'unknown_tenant'), ignored: 'unknown_tenant', organisation };
  }
  const claimed = await deps.inbox.claim({ message, tenantId: tenant.tenantId, traceId });
  if (!claimed) return about('duplicate', 'duplicate');
  deps.onMessage();
  return about('accepted', 'message');
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
  const { outcome, reason, ignored, organisation, status, messageId, appId, stranger, error } = handled;
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
    'client.ip': stranger?.clientIp,
    error,
  });
  if (allowance === 'last') log.warn('Too many callbacks are rejected to log each; chatbot_callbacks_total counts all');
}
