// What waits: in the inbox for an answer, in the outbox for delivery.
import type { Check, CheckContext, CheckOutcome } from '../engine/check.ts';
import type { QueueState } from '../facts.ts';
import { fetchStatus } from './bot-status.ts';

const SLOW_SECONDS = 60;
const STUCK_SECONDS = 300;

const common = {
  layer: 8,
  needs: ['cfg.schema'],
  after: ['proc.up', 'db.connect'],
  critical: false,
  timeoutMs: 3000,
  onTimeout: 'unknown',
} as const;

export const queueInbox: Check = {
  ...common,
  needs: ['cfg.schema'],
  after: ['proc.up', 'db.connect'],
  id: 'queue.inbox',
  title: 'Messages waiting for an answer',
  declares: ['queue.inbox.state'],
  async run(ctx) {
    const state = (await readQueues(ctx))?.inbox;
    if (!state) return unreadable();
    return { ...judge(state, 'answer'), facts: { 'queue.inbox.state': state } };
  },
};

export const queueOutbox: Check = {
  ...common,
  needs: ['cfg.schema'],
  after: ['proc.up', 'db.connect'],
  id: 'queue.outbox',
  title: 'Replies waiting for delivery',
  declares: ['queue.outbox.state'],
  async run(ctx) {
    const state = (await readQueues(ctx))?.outbox;
    if (!state) return unreadable();
    return { ...judge(state, 'delivery'), facts: { 'queue.outbox.state': state } };
  },
};

function unreadable(): CheckOutcome {
  return { status: 'skip', reason: 'prerequisite', summary: 'neither the bot nor the database can be asked' };
}

function judge({ depth, oldestAgeSeconds, dead, unknown, source }: QueueState, aim: string): CheckOutcome {
  const lost = [dead > 0 ? `${dead} given up` : '', unknown > 0 ? `${unknown} with unknown outcome` : ''];
  const age = depth > 0 ? `, the oldest for ${Math.round(oldestAgeSeconds)} s` : '';
  const counts = [`${depth} wait for ${aim}${age}`, ...lost].filter(Boolean).join(', ');
  const summary = `${counts} (from ${source})`;
  if (depth > 0 && oldestAgeSeconds > STUCK_SECONDS) return { status: 'fail', code: 'STUCK', summary };
  const isSlow = depth > 0 && oldestAgeSeconds > SLOW_SECONDS;
  return { status: isSlow || dead > 0 || unknown > 0 ? 'warn' : 'ok', summary };
}

/** From the bot while it answers, from its tables otherwise. */
async function readQueues(ctx: CheckContext): Promise<{ inbox: QueueState; outbox: QueueState } | undefined> {
  const status = ctx.dep('proc.up').status === 'ok' ? await fetchStatus(ctx) : undefined;
  if (status) {
    const { inbox, outbox } = status.queues;
    const { dead, unknown, oldestAgeSeconds } = outbox;
    return {
      inbox: { ...inbox, dead: 0, unknown: 0, source: 'the bot' },
      outbox: { depth: outbox.pending + outbox.sending, oldestAgeSeconds, dead, unknown, source: 'the bot' },
    };
  }
  return ctx.dep('db.connect').status === 'ok' ? await readTables(ctx) : undefined;
}

async function readTables({ cfg, db, signal, clock }: CheckContext) {
  const { inbox, outbox } = await db.queues(cfg.DATABASE_URL, signal);
  const age = (since: number | null) => (since === null ? 0 : Math.max(0, (clock.now() - since) / 1000));
  const source = 'the database';
  return {
    inbox: { depth: inbox.depth, oldestAgeSeconds: age(inbox.oldestAt), dead: 0, unknown: 0, source },
    outbox: {
      depth: outbox.pending,
      oldestAgeSeconds: age(outbox.oldestAt),
      dead: outbox.dead,
      unknown: outbox.unknown,
      source,
    },
  };
}
