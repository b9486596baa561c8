// Compares inbox and outbox with a model after each step of random sequences, on a given database.
import { afterAll, beforeAll, test } from '@jest/globals';
import fc from 'fast-check';
import { migrate } from '../../../bot/store/migrate.ts';
import { openStore, type Store } from '../../../bot/store/open-store.ts';
import { createTenants } from '../../../bot/tenants/tenants.ts';
import { steps } from './commands.ts';
import { createWorld } from './queues-world.ts';

export interface QueueDatabase {
  url: string;
  stop(): Promise<void>;
}

export function describeQueues(start: () => Promise<QueueDatabase>, numRuns: number): void {
  let database: QueueDatabase;
  let store: Store;

  beforeAll(async () => {
    database = await start();
    store = openStore(database.url);
    await migrate(store);
    await createTenants(store, Date.now).ensureDefault();
  });
  afterAll(async () => {
    await store.close();
    await database.stop();
  });

  test('in any order of steps: one owner per row, chats in order, no lost row, no part sent twice', async () => {
    const property = fc.asyncProperty(steps, async (commands) => {
      const world = await createWorld(store);
      await fc.asyncModelRun(() => ({ model: world, real: world }), commands);
    });
    await fc.assert(property, { numRuns });
  });
}
