// Real queues of two processes on one database, their model, and the comparison of both.
import { expect } from '@jest/globals';
import type { InboundMessage } from '../../../bot/domain/message.ts';
import { createInbox, type Inbox, type InboxRow } from '../../../bot/inbox/inbox.ts';
import { createOutbox, type Outbox, type OutboxRow } from '../../../bot/outbox/outbox.ts';
import type { Store } from '../../../bot/store/open-store.ts';
import { type Hold, isInOrder, type ModelRow, type Process, type QueueName } from './model.ts';

/** Process with its queues. After a crash, the new process has another owner name. */
export interface Member {
  owner: string;
  inbox: Inbox;
  outbox: Outbox;
  holds: { inbox: Hold<InboxRow>[]; outbox: Hold<OutboxRow>[] };
}

export interface World {
  store: Store;
  now: number;
  rows: Record<QueueName, ModelRow[]>;
  members: [Member, Member];
  /** Ends a process without releasing its leases, and starts another one. */
  crash(process: Process): void;
}

const START = 1_800_000_000_000;

/** Deletes all rows of both tables and starts two processes. */
export async function createWorld(store: Store): Promise<World> {
  await store.knex('outbox').delete();
  await store.knex('inbox').delete();
  let started = 0;
  const start = (): Member => {
    started += 1;
    const owner = `process ${started}`;
    const options = { store, owner, clock: () => world.now };
    return { owner, inbox: createInbox(options), outbox: createOutbox(options), holds: { inbox: [], outbox: [] } };
  };
  const world: World = {
    store,
    now: START,
    rows: { inbox: [], outbox: [] },
    members: [start(), start()],
    crash(process) {
      world.members[process] = start();
    },
  };
  return world;
}

/** Returns the message of the row with this key. Concurrent claims of one message differ after the slash. */
export function messageOf(key: string, chat: number): InboundMessage {
  const [id] = key.split('/');
  return {
    platform: 'feishu',
    appId: 'cli_a',
    messageId: `message ${id}`,
    eventId: `event ${id}`,
    externalTenantId: 'tenant',
    chatId: `chat ${chat}`,
    chatType: 'p2p',
    userId: 'ou_1',
    addressed: 'yes',
    text: 'hi',
    target: {},
  };
}

const KEYS = { inbox: 'trace_id', outbox: 'idempotency_key' } as const;

interface RealRow {
  state: string;
  attempts: number;
  lease_owner: string | null;
  lease_until: number | string | null;
  available_at: number | string;
  [key: string]: unknown;
}

export async function realRows({ store }: World, queue: QueueName): Promise<RealRow[]> {
  return store.knex<RealRow>(queue).orderBy('id') as unknown as Promise<RealRow[]>; // knex types the rows as partial
}

/** Expects the rows of the model in the tables, chats in order, and at most one delivery per part. */
export async function compare(world: World): Promise<void> {
  for (const queue of ['inbox', 'outbox'] as const) {
    const real = await realRows(world, queue);
    expect(real.map((row) => realFields(row, queue))).toEqual(world.rows[queue].map(expectedFields));
    expect(isInOrder(world.rows[queue])).toBe(true);
    expect(world.rows[queue].every(({ deliveries }) => deliveries <= 1)).toBe(true);
  }
}

function realFields(row: RealRow, queue: QueueName): object {
  const state = row.state === 'working' || row.state === 'sending' ? 'busy' : row.state;
  const leaseUntil = row.lease_until === null ? 0 : Number(row.lease_until);
  return { key: row[KEYS[queue]], state, attempts: row.attempts, owner: row.lease_owner, leaseUntil };
}

function expectedFields({ key, state, attempts, owner, leaseUntil }: ModelRow): object {
  return { key, state, attempts, owner, leaseUntil: state === 'busy' ? leaseUntil : 0 };
}
