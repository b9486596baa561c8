// Limits of messages per minute, on both databases.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createLimits, type LimitedMessage, type LimitsOptions } from '../../../bot/limits/limits.ts';
import { migrate } from '../../../bot/store/migrate.ts';
import { openStore, type Store } from '../../../bot/store/open-store.ts';
import type { Databases } from '../../support/databases.ts';

const START = 1_800_000_000_000;
const message = (over: Partial<LimitedMessage> = {}): LimitedMessage => ({
  tenantId: 'default',
  tenantLimit: 100,
  senderKey: 'feishu:ou_1',
  ...over,
});
const withNotice = (scope: 'sender' | 'tenant') => ({ scope, notice: true });
const withoutNotice = (scope: 'sender' | 'tenant') => ({ scope, notice: false });

export function describeLimits(name: string, start: () => Promise<Databases>): void {
  describe(name, () => {
    let databases: Databases;
    let url: string;
    let stores: Store[] = [];
    let now = START;

    /** Creates the limits of another process on the same database. */
    function limitsOf(senderLimit: number, over: Partial<LimitsOptions> = {}) {
      const store = openStore(url);
      stores.push(store);
      return createLimits({ store, clock: () => now, senderLimit, ...over });
    }
    const closeStores = () => Promise.all(stores.splice(0).map((store) => store.close()));

    beforeAll(async () => {
      databases = await start();
    });
    beforeEach(async () => {
      await closeStores();
      now = START;
      url = await databases.create();
      stores = [openStore(url)];
      await migrate(stores[0] as Store);
    });
    afterAll(async () => {
      await closeStores();
      await databases.stop();
    });

    test('only the first message over the limit gets a notice', async () => {
      const { check } = limitsOf(2);
      const answers = [];
      for (let i = 0; i < 5; i++) answers.push(await check(message()));
      expect(answers).toEqual([
        undefined,
        undefined,
        withNotice('sender'),
        withoutNotice('sender'),
        withoutNotice('sender'),
      ]);
    });

    test('concurrent messages are counted in order', async () => {
      const { check } = limitsOf(2);
      const senders = ['a', 'b', 'a', 'a', 'b', 'a', 'b'];
      const answers = await Promise.all(senders.map((senderKey) => check(message({ senderKey }))));
      expect(answers).toEqual([
        undefined,
        undefined,
        undefined,
        withNotice('sender'),
        undefined,
        withoutNotice('sender'),
        withNotice('sender'),
      ]);
    });

    test('a window lasts a minute from its first message', async () => {
      const { check } = limitsOf(1);
      await check(message());
      now += 59_999;
      await expect(check(message())).resolves.toEqual(withNotice('sender'));
      now += 1;
      await expect(check(message())).resolves.toBeUndefined();
      now += 59_999;
      await expect(check(message())).resolves.toEqual(withNotice('sender'));
    });

    test('concurrent messages are counted in windows with different starts', async () => {
      const { check } = limitsOf(1);
      await check(message({ senderKey: 'a' }));
      now += 30_000;
      await check(message({ senderKey: 'b' }));
      now += 30_000;
      const answers = await Promise.all(['a', 'b', 'c'].map((senderKey) => check(message({ senderKey }))));
      expect(answers).toEqual([undefined, withNotice('sender'), undefined]);
    });

    test('a clock that was set back starts a new window', async () => {
      const { check } = limitsOf(1);
      await check(message());
      now -= 3_600_000;
      await expect(check(message())).resolves.toBeUndefined();
      await expect(check(message())).resolves.toEqual(withNotice('sender'));
    });

    test('the limit of a tenant counts all its people', async () => {
      const { check } = limitsOf(10);
      const checkFrom = (senderKey: string, tenantId = 'default') =>
        check(message({ senderKey, tenantId, tenantLimit: 2 }));
      const answers = [
        await checkFrom('a'),
        await checkFrom('b'),
        await checkFrom('c'),
        await checkFrom('d'),
        await checkFrom('e', 'other'),
      ];
      expect(answers).toEqual([undefined, undefined, withNotice('tenant'), withoutNotice('tenant'), undefined]);
    });

    test('a message over the limit of its sender does not count for the tenant', async () => {
      const { check } = limitsOf(1);
      const checkFrom = (senderKey: string) => check(message({ senderKey, tenantLimit: 2 }));
      const loud = await Promise.all(Array.from({ length: 20 }, () => checkFrom('loud')));
      expect(loud.filter((answer) => answer === undefined)).toHaveLength(1);
      await expect(checkFrom('calm')).resolves.toBeUndefined();
      await expect(checkFrom('late')).resolves.toEqual(withNotice('tenant'));
    });

    test('a limit of 0 allows all messages and counts none', async () => {
      const { check } = limitsOf(0);
      const answers = await Promise.all(Array.from({ length: 50 }, () => check(message({ tenantLimit: 0 }))));
      expect(answers.filter(Boolean)).toEqual([]);
      await expect(stores[0]?.knex('rate_window')).resolves.toEqual([]);
    });

    test('the count survives a restart', async () => {
      await limitsOf(2).check(message());
      await limitsOf(2).check(message());
      await closeStores();
      await expect(limitsOf(2).check(message())).resolves.toEqual(withNotice('sender'));
    });

    test('500 concurrent messages to two processes share one count and get one notice', async () => {
      const processes = [limitsOf(0), limitsOf(0)];
      const answers = await Promise.all(
        Array.from({ length: 500 }, (_, i) =>
          processes[i % 2]?.check(message({ senderKey: `s${i % 40}`, tenantLimit: 120 })),
        ),
      );
      expect(answers.filter((answer) => answer === undefined)).toHaveLength(120);
      expect(answers.filter((answer) => answer?.notice)).toHaveLength(1);
    });

    test('processes that count the same people in different orders neither deadlock nor miscount', async () => {
      const people = Array.from({ length: 50 }, (_, i) => `s${i}`);
      const orders = [people, people.toReversed(), people.toSorted(), people.toReversed()];
      const answers = await Promise.all(
        orders.map((order) => {
          const { check } = limitsOf(3);
          return Promise.all(order.map((senderKey) => check(message({ senderKey, tenantLimit: 0 }))));
        }),
      );
      expect(answers.flat().filter(Boolean)).toEqual(people.map(() => withNotice('sender')));
    });

    test('a sender key can have any length and is not stored', async () => {
      const { check } = limitsOf(1);
      const senderKey = `feishu:${'ou_long'.repeat(100)}`;
      await check(message({ senderKey }));
      await expect(check(message({ senderKey: `${senderKey}x` }))).resolves.toBeUndefined();
      await expect(check(message({ senderKey }))).resolves.toEqual(withNotice('sender'));
      expect(JSON.stringify(await stores[0]?.knex('rate_window'))).not.toContain('ou_long');
    });

    test('exceeded limits are counted by scope', async () => {
      const counted: unknown[] = [];
      const metrics = { rateLimited: { inc: (labels: unknown) => counted.push(labels) } };
      // Stand-in with the only member of a counter that is used.
      const { check } = limitsOf(1, { metrics: metrics as unknown as NonNullable<LimitsOptions['metrics']> });
      await check(message());
      await check(message());
      await check(message({ senderKey: 'b', tenantLimit: 1 }));
      expect(counted).toEqual([{ scope: 'sender' }, { scope: 'tenant' }]);
    });
  });
}
