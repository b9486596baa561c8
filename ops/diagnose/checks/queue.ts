// Checks the queues: messages in the inbox that wait for an answer, replies in the outbox that wait for delivery.

import { platformName } from '../../../bot/platforms/registry.ts';
import { hintOf } from '../../queues/queue.ts';
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
    return { ...classify(state, { aim: 'answer', command: 'inbox' }), facts: { 'queue.inbox.state': state } };
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
    return { ...classify(state, { aim: 'delivery', command: 'outbox' }), facts: { 'queue.outbox.state': state } };
  },
};

function unreadable(): CheckOutcome {
  return { status: 'skip', reason: 'prerequisite', summary: 'neither the bot nor the database answers' };
}

function classify(state: QueueState, { aim, command }: { aim: string; command: string }): CheckOutcome {
  const { depth, oldestAgeSeconds, dead, unknown, source } = state;
  const lost = [dead > 0 ? `${dead} given up` : '', unknown > 0 ? `${unknown} with unknown outcome` : ''];
  const age = depth > 0 ? `, the oldest for ${Math.round(oldestAgeSeconds)} s` : '';
  const counts = [`${depth} wait for ${aim}${age}`, ...lost].filter(Boolean).join(', ');
  const needsOperator = dead > 0 || unknown > 0;
  const summary = `${counts} (from ${source})${needsOperator ? `. ${remedyOf(state, command)}` : ''}`;
  if (depth > 0 && oldestAgeSeconds > STUCK_SECONDS) return { status: 'fail', code: 'STUCK', summary };
  const isSlow = depth > 0 && oldestAgeSeconds > SLOW_SECONDS;
  return { status: isSlow || needsOperator ? 'warn' : 'ok', summary };
}

/** Maximum number of causes in the summary, which is one line. `outbox list` shows all of them. */
const MAX_CAUSES = 3;

/**
 * Returns the causes, then the commands, because a retry before the cause is fixed fails again. The retry leaves out
 * parts in the state `unknown`, because they may have been delivered.
 */
function remedyOf({ givenUp }: QueueState, command: string): string {
  const causes = givenUp
    .slice(0, MAX_CAUSES)
    .map(
      ({ platform, code, count, hint }) =>
        `${platformName(platform)} ${code ?? 'without a code'} ×${count}${hint ? `: ${hint}` : '.'}`,
    );
  const ops = `./chatbot ${command}`;
  return [
    ...causes,
    `Show: ${ops} list. After the cause is fixed, retry: ${ops} retry --all --state dead. Or drop: ${ops} drop --all.`,
  ].join(' ');
}

/** Reads the counts from the bot if it answers, otherwise from the tables. The causes are only in the tables. */
async function readQueues(ctx: CheckContext): Promise<{ inbox: QueueState; outbox: QueueState } | undefined> {
  const tables = ctx.dep('db.connect').status === 'ok' ? await readTables(ctx) : undefined;
  const status = ctx.dep('proc.up').status === 'ok' ? await fetchStatus(ctx) : undefined;
  if (!status?.queues) return tables;
  const { inbox, outbox } = status.queues;
  const { dead, unknown, oldestAgeSeconds } = outbox;
  const source = 'the bot';
  return {
    inbox: { ...inbox, dead: tables?.inbox.dead ?? 0, unknown: 0, givenUp: [], source },
    outbox: {
      ...{ depth: outbox.pending + outbox.sending, oldestAgeSeconds, dead, unknown, source },
      givenUp: tables?.outbox.givenUp ?? [],
    },
  };
}

async function readTables({ cfg, db, signal, clock }: CheckContext) {
  const { inbox, outbox, givenUp } = await db.queues(cfg.DATABASE_URL, signal);
  const age = (since: number | null) => (since === null ? 0 : Math.max(0, (clock.now() - since) / 1000));
  const source = 'the database';
  const { pending: depth, dead, unknown } = outbox;
  const hinted = givenUp.map((row) => ({
    ...row,
    hint: hintOf({ platform: row.platform, last_code: row.code }) ?? null,
  }));
  return {
    inbox: {
      ...{ depth: inbox.depth, dead: inbox.dead, oldestAgeSeconds: age(inbox.oldestAt), unknown: 0 },
      ...{ givenUp: [], source },
    },
    outbox: { depth, dead, unknown, oldestAgeSeconds: age(outbox.oldestAt), givenUp: hinted, source },
  };
}
