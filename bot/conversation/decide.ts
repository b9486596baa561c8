// Decides the reply to a message: none, a notice about a limit, a command's reply, or the model's answer.
import type { Channel } from '../domain/channel.ts';
import type { ChatMessage } from '../domain/chat-message.ts';
import type { OutboundPart } from '../domain/delivery.ts';
import { type Language, languageOf } from '../domain/language.ts';
import type { InboundMessage } from '../domain/message.ts';
import type { Platform } from '../domain/platform.ts';
import { type GroupSession, sessionKey } from '../inbox/chat-key.ts';
import type { Inbox, InboxRow } from '../inbox/inbox.ts';
import type { Limits } from '../limits/limits.ts';
import { RELEASED } from '../store/lease-times.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import type { Tenant, Tenants } from '../tenants/tenants.ts';
import type { Answerer, ChatAnswer } from './answerer.ts';
import { isForBot } from './is-for-bot.ts';
import { startLiveAnswer } from './live-answer.ts';
import { languageOfMessage, type Phrases, phraseFor } from './phrases.ts';
import type { Session, Sessions } from './sessions.ts';
import { withQuote } from './with-quote.ts';

export interface DeciderDeps {
  inbox: Inbox;
  channels: ReadonlyMap<Platform, Channel>;
  sessions: Sessions;
  answerer: Answerer;
  limits: Limits;
  tenants: Tenants;
  metrics: Metrics;
  /** Milliseconds after which a slow answer is shown while it grows; 0 disables this. */
  thinkingAfterMs: number;
  groupSession: GroupSession;
  clock: () => number;
}

/** The reply to a message and the changes that come with it. */
export interface Decision {
  tenant?: Tenant;
  /** Missing if the bot does not reply. */
  reply?: { text: string; replaces?: string | undefined };
  /** The exchange to add to the session, or the key of the session to delete. */
  session?: { session: Session; exchange: ChatMessage[] } | { forget: string };
  /** True if the bot is no longer in the chat. Parts waiting for this chat cannot be delivered and are dropped. */
  left?: boolean;
}

export interface Decider {
  /** Returns the decision for a message. Rejects on a temporary failure; the message is then retried. */
  decide(row: InboxRow, message: InboundMessage, signal: AbortSignal): Promise<Decision>;
}

/** Minimum interval between two updates of a shown message. The platforms allow it, and no reader follows more. */
const UPDATE_INTERVAL_MS = 1_000;

export function createDecider(deps: DeciderDeps): Decider {
  return {
    async decide(row, message, signal) {
      const channel = deps.channels.get(message.platform);
      const tenant = await deps.tenants.find(row.tenant_id);
      // The tenant has been deleted with all of its data, so do not reply.
      if (!tenant) return {};
      if (message.event) return { tenant, ...onEvent(message) };
      if (!(await isForBot(message, channel))) return { tenant };
      const limited = await checkLimits(deps, { row, message, tenant });
      if (limited) return { tenant, ...limited };
      const direct = await deps.answerer.direct({ ...message, tenantId: tenant.tenantId }, signal);
      if (direct) {
        const session = direct.reset ? { session: { forget: sessionKey(message, deps.groupSession) } } : {};
        return { tenant, reply: direct, ...session };
      }
      return { tenant, ...(await converse(deps, { row, message, tenant, signal, channel })) };
    },
  };
}

function onEvent(message: InboundMessage): Decision {
  return message.event === 'bot_added' ? { reply: { text: phraseFor(message, greeting) } } : { left: true };
}

const greeting = (phrases: Phrases) => phrases.greeting;

interface MessageContext {
  row: InboxRow;
  message: InboundMessage;
  tenant: Tenant;
}

/**
 * Checks the rate limits of the tenant and the sender. Only the first attempt of a message counts: not a retry, and not
 * the attempt after a shutdown has released the message.
 */
async function checkLimits(
  { limits }: DeciderDeps,
  { row, message, tenant }: MessageContext,
): Promise<Decision | undefined> {
  if (row.attempts > 1 || Number(row.available_at) === RELEASED) return undefined;
  const senderKey = JSON.stringify([message.platform, message.externalTenantId, message.userId]);
  const exceeded = await limits.check({ tenantId: tenant.tenantId, tenantLimit: tenant.rateLimit, senderKey });
  if (!exceeded) return undefined;
  return exceeded.notice ? { reply: { text: phraseFor(message, (phrases) => phrases.rateLimited) } } : {};
}

interface Conversation extends MessageContext {
  signal: AbortSignal;
  channel: Channel | undefined;
}

async function converse(deps: DeciderDeps, conversation: Conversation): Promise<Decision> {
  const { message, tenant } = conversation;
  const { platform, userId, text } = message;
  const key = sessionKey(message, deps.groupSession);
  const session = await deps.sessions.open({ key, tenantId: tenant.tenantId, platform, userId });
  if (!session) {
    deps.metrics.rateLimited.inc({ scope: 'sessions' });
    return { reply: { text: phraseFor(message, (phrases) => phrases.busy) } };
  }
  const quote = message.quote ?? (await readQuoted(conversation, session));
  if (text === '' && quote === undefined) return { reply: { text: phraseFor(message, greeting) } };
  const language = languageOfMessage(message) ?? languageOf(quote ?? text);
  const question: QuotedQuestion = { text: withQuote(text, quote, language), language };
  const { answer, replaces } = await ask(deps, conversation, { question, context: session.context });
  const exchange: ChatMessage[] = [
    { role: 'user', content: question.text },
    { role: 'assistant', content: answer.text },
  ];
  return {
    reply: { text: answer.text, replaces },
    session: { session, exchange: answer.remember ? exchange : [] },
  };
}

/**
 * Reads the quoted message from the platform. In a topic, each message quotes the one that opened the topic, so read
 * that one only for the first question there. See
 * https://open.feishu.cn/document/uAjLw4CM/ukTMukTMukTM/reference/im-v1/message/intro (read 2026-11).
 */
async function readQuoted(
  { message, channel, signal }: Conversation,
  { context }: Session,
): Promise<string | undefined> {
  if (message.quotedId === undefined || (message.topicId !== undefined && context.length > 0)) return undefined;
  return channel?.readQuoted?.(message, signal);
}

interface QuotedQuestion {
  /** Includes the quoted message. */
  text: string;
  language: Language;
}

async function ask(
  deps: DeciderDeps,
  { row, message, tenant, signal, channel }: Conversation,
  { question, context }: { question: QuotedQuestion; context: ChatMessage[] },
): Promise<{ answer: ChatAnswer; replaces: string | undefined }> {
  const live = startLiveAnswer({
    progress: channel?.progress,
    part: thinkingPart(row, message, deps.clock()),
    afterMs: deps.thinkingAfterMs,
    everyMs: UPDATE_INTERVAL_MS,
    shownId: row.progress_id ?? undefined,
    onShown: (id) => deps.inbox.keepProgress(row, id),
    signal,
  });
  const asked = deps.answerer.ask({
    ...question,
    context,
    signal,
    traceId: row.trace_id,
    tenant: tenant.model,
    onText: live.update,
  });
  const replaces = await asked.then(live.end, live.end);
  return { answer: await asked, replaces };
}

function thinkingPart(row: InboxRow, message: InboundMessage, now: number): OutboundPart {
  const { appId, target } = message;
  const text = phraseFor(message, (phrases) => phrases.thinking);
  return { appId, target, text, idempotencyKey: `${row.trace_id}-t`, now };
}
