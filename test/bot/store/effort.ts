// A store with many waiting and many finished rows, and the work whose cost must not grow with them.
import { createOutbox } from '../../../bot/outbox/outbox.ts';
import { sweepOnce } from '../../../bot/retention/sweeps.ts';
import { migrate } from '../../../bot/store/migrate.ts';
import { openStore, type Store } from '../../../bot/store/open-store.ts';
import { outboxRow } from './rows.ts';

export const WAITING_IN_ONE_CHAT = 4_000;
export const FINISHED_RECENTLY = 4_000;

export async function filledStore(url: string): Promise<Store> {
  const store = openStore(url);
  await migrate(store);
  const now = Date.now();
  const rows = [
    ...Array.from({ length: WAITING_IN_ONE_CHAT }, () => outboxRow({ chat_key: 'busy' })),
    ...Array.from({ length: FINISHED_RECENTLY }, () => outboxRow({ state: 'sent', finished_at: now })),
    outboxRow({ chat_key: 'other' }),
  ];
  await store.knex.batchInsert('outbox', rows, 50);
  return store;
}

/**
 * Leases twice. The first lease returns two rows. The second returns none, because one chat is blocked by its first
 * row.
 */
export async function leaseTwice(store: Store): Promise<number[]> {
  const outbox = createOutbox({ store, owner: 'a', clock: Date.now });
  return [(await outbox.lease(32)).length, (await outbox.lease(32)).length];
}

export const sweep = (store: Store) =>
  sweepOnce({ store, now: Date.now(), conversationDays: 90, sessionTimeoutSeconds: 1800 });
