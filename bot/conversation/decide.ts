// What is said to a message: nothing, a word about a limit, a command's answer, or the model's.
import type { Channel, InboundMessage, OutboundPart } from '../channels/channel.ts';
import { sessionKey } from '../inbox/chat-key.ts';
import type { Inbox, InboxRow } from '../inbox/inbox.ts';
import type { Limits } from '../limits/limits.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import type { Platform } from '../telemetry/names.ts';
import type { Tenant, Tenants } from '../tenants/tenants.ts';
import type { Answer, Answerer } from './answerer.ts';
import { startLiveAnswer } from './live-answer.ts';
import { greeting, phrasesFor } from './phrases.ts';
import type { ChatMessage, Session, Sessions } from './sessions.ts';

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

/** Rejects when it cannot be decided now; the message is then tried again. */
export type Decider = (row: InboxRow, message: InboundMessage, signal: AbortSignal) => Promise<Decision>;

/** A message of the platform may be changed so often, and no reader follows more. */
const GROW_EVERY_MS = 1_000;

export function createDecider(deps: DeciderDeps): Decider {
  return async (row, message, signal) => {
    const channel = deps.channels.get(message.platform);
    const tenant = await deps.tenants.find(row.tenant_id);
    // The tenant was removed, with everything that is known of it.
    if (!tenant) return {};
    if (message.event) return { tenant, ...onEvent(message.event) };
    if (message.mentions && !(await channel?.isAddressed?.(message))) return { tenant };
    const refusal = await refuse(deps, { row, message, tenant });
    if (refusal) return { tenant, ...refusal };
    const said = await deps.answerer.direct({ ...message, tenantId: tenant.tenantId }, signal);
    if (said) return { tenant, reply: said, ...(said.reset ? { session: { forget: sessionKey(message) } } : {}) };
    return { tenant, ...(await converse(deps, { row, message, tenant, signal, channel })) };
  };
}

function onEvent(event: NonNullable<InboundMessage['event']>): Decision {
  return event === 'bot_added' ? { reply: { text: greeting } } : { left: true };
}

interface About {
  row: InboxRow;
  message: InboundMessage;
  tenant: Tenant;
}

/** A later attempt of the same message was counted by its first one. */
async function refuse({ limits }: DeciderDeps, { row, message, tenant }: About): Promise<Decision | undefined> {
  if (row.attempts > 1) return undefined;
  const senderKey = JSON.stringify([message.platform, message.externalTenantId, message.userId]);
  const refused = await limits.check({ tenantId: tenant.tenantId, tenantLimit: tenant.rateLimit, senderKey });
  if (!refused) return undefined;
  return refused.notice ? { reply: { text: phrasesFor(message.text).rateLimited } } : {};
}

interface Conversation extends About {
  signal: AbortSignal;
  channel: Channel | undefined;
}

async function converse(deps: DeciderDeps, conversation: Conversation): Promise<Decision> {
  const { message, tenant } = conversation;
  const { platform, userId, text } = message;
  const session = await deps.sessions.open({ key: sessionKey(message), tenantId: tenant.tenantId, platform, userId });
  if (!session) {
    deps.metrics.rateLimited.inc({ scope: 'sessions' });
    return { reply: { text: phrasesFor(text).busy } };
  }
  const { answer, replaces } = await ask(deps, conversation, session.context);
  const exchange: ChatMessage[] = [
    { role: 'user', content: text },
    { role: 'assistant', content: answer.text },
  ];
  return {
    reply: { text: answer.text, replaces },
    session: { session, exchange: answer.remember ? exchange : [] },
  };
}

async function ask(
  deps: DeciderDeps,
  { row, message, tenant, signal, channel }: Conversation,
  context: ChatMessage[],
): Promise<{ answer: Answer; replaces: string | undefined }> {
  const { text } = message;
  const live = startLiveAnswer({
    progress: channel?.progress,
    part: thinkingPart(row, message, deps.clock()),
    afterMs: deps.thinkingAfterMs,
    everyMs: GROW_EVERY_MS,
    shownId: row.progress_id ?? undefined,
    onShown: (id) => deps.inbox.keepProgress(row, id),
    signal,
  });
  const asked = deps.answerer.ask({ text, context, signal, tenant: tenant.model, onText: live.grow });
  const replaces = await asked.then(live.end, live.end);
  return { answer: await asked, replaces };
}

function thinkingPart(row: InboxRow, { appId, target, text }: InboundMessage, now: number): OutboundPart {
  return { appId, target, text: phrasesFor(text).thinking, idempotencyKey: `${row.trace_id}-t`, now };
}
