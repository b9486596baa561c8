// What is said to a message: nothing, a word about a limit, a command's answer, or the model's.
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
import type { Answer, Answerer } from './answerer.ts';
import { startLiveAnswer } from './live-answer.ts';
import { languageOfMessage, type Phrases, say } from './phrases.ts';
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
  /** Milliseconds after which a slow answer is shown as it grows; 0 is never. */
  thinkingAfterMs: number;
  groupSession: GroupSession;
  clock: () => number;
}

/** What becomes of a message. */
export interface Decision {
  tenant?: Tenant;
  /** Missing: the message is met with silence. */
  reply?: { text: string; replaces?: string | undefined };
  /** What was said becomes part of the session, or the session is forgotten. */
  session?: { session: Session; exchange: ChatMessage[] } | { forget: string };
  /** The bot is no longer in the chat: what waits for it there cannot arrive. */
  left?: boolean;
}

export interface Decider {
  /** Decides the reply to a message. Rejects when that fails now; the message is then retried. */
  decide(row: InboxRow, message: InboundMessage, signal: AbortSignal): Promise<Decision>;
}

/** A message of the platform may be changed so often, and no reader follows more. */
const GROW_EVERY_MS = 1_000;

export function createDecider(deps: DeciderDeps): Decider {
  return {
    async decide(row, message, signal) {
      const channel = deps.channels.get(message.platform);
      const tenant = await deps.tenants.find(row.tenant_id);
      // The tenant was removed, with everything that is known of it.
      if (!tenant) return {};
      if (message.event) return { tenant, ...onEvent(message) };
      if (message.mentions && !(await channel?.isAddressed?.(message))) return { tenant };
      const limited = await checkLimits(deps, { row, message, tenant });
      if (limited) return { tenant, ...limited };
      const said = await deps.answerer.direct({ ...message, tenantId: tenant.tenantId }, signal);
      if (said) {
        const session = said.reset ? { session: { forget: sessionKey(message, deps.groupSession) } } : {};
        return { tenant, reply: said, ...session };
      }
      return { tenant, ...(await converse(deps, { row, message, tenant, signal, channel })) };
    },
  };
}

function onEvent(message: InboundMessage): Decision {
  return message.event === 'bot_added' ? { reply: { text: say(message, greeting) } } : { left: true };
}

const greeting = (phrases: Phrases) => phrases.greeting;

interface About {
  row: InboxRow;
  message: InboundMessage;
  tenant: Tenant;
}

/** A later attempt of the same message was counted by its first one, also when a stop gave the message back. */
async function checkLimits({ limits }: DeciderDeps, { row, message, tenant }: About): Promise<Decision | undefined> {
  if (row.attempts > 1 || Number(row.available_at) === RELEASED) return undefined;
  const senderKey = JSON.stringify([message.platform, message.externalTenantId, message.userId]);
  const exceeded = await limits.check({ tenantId: tenant.tenantId, tenantLimit: tenant.rateLimit, senderKey });
  if (!exceeded) return undefined;
  return exceeded.notice ? { reply: { text: say(message, (phrases) => phrases.rateLimited) } } : {};
}

interface Conversation extends About {
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
    return { reply: { text: say(message, (phrases) => phrases.busy) } };
  }
  const quote = message.quote ?? (await readQuoted(conversation, session));
  if (text === '' && quote === undefined) return { reply: { text: say(message, greeting) } };
  const language = languageOfMessage(message) ?? languageOf(quote ?? text);
  const question: Question = { text: withQuote(text, quote, language), language };
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
 * In a topic every message replies to the one that opened it, so that one is read only for the first question there
 * (https://open.feishu.cn/document/uAjLw4CM/ukTMukTMukTM/reference/im-v1/message/intro).
 */
async function readQuoted(
  { message, channel, signal }: Conversation,
  { context }: Session,
): Promise<string | undefined> {
  if (message.quotedId === undefined || (message.topicId !== undefined && context.length > 0)) return undefined;
  return channel?.readQuoted?.(message, signal);
}

interface Question {
  text: string;
  language: Language;
}

async function ask(
  deps: DeciderDeps,
  { row, message, tenant, signal, channel }: Conversation,
  { question, context }: { question: Question; context: ChatMessage[] },
): Promise<{ answer: Answer; replaces: string | undefined }> {
  const live = startLiveAnswer({
    progress: channel?.progress,
    part: thinkingPart(row, message, deps.clock()),
    afterMs: deps.thinkingAfterMs,
    everyMs: GROW_EVERY_MS,
    shownId: row.progress_id ?? undefined,
    onShown: (id) => deps.inbox.keepProgress(row, id),
    signal,
  });
  const asked = deps.answerer.ask({ ...question, context, signal, tenant: tenant.model, onText: live.grow });
  const replaces = await asked.then(live.end, live.end);
  return { answer: await asked, replaces };
}

function thinkingPart(row: InboxRow, message: InboundMessage, now: number): OutboundPart {
  const { appId, target } = message;
  const text = say(message, (phrases) => phrases.thinking);
  return { appId, target, text, idempotencyKey: `${row.trace_id}-t`, now };
}
