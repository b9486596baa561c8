// Sessions, as both databases must keep them.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import {
  ceilingOf,
  createSessions,
  type Session,
  type SessionOwner,
  type SessionsOptions,
} from '../../../bot/conversation/sessions.ts';
import { migrate } from '../../../bot/store/migrate.ts';
import { openStore, type Store } from '../../../bot/store/open-store.ts';
import type { Databases } from '../../support/databases.ts';

const START = 1_800_000_000_000;
const owner = (key: string): SessionOwner => ({ key, tenantId: 'default', platform: 'feishu', userId: `ou_${key}` });
const owners = (count: number, prefix: string) => Array.from({ length: count }, (_, i) => owner(`${prefix}${i}`));
const exchange = (said: string) => [
  { role: 'user' as const, content: said },
  { role: 'assistant' as const, content: `${said}!` },
];

export function describeSessions(name: string, start: () => Promise<Databases>): void {
  describe(name, () => {
    let databases: Databases;
    let store: Store;
    let now = START;
    const sessionsOf = (over: Partial<SessionsOptions> = {}) =>
      createSessions({ store, timeoutSeconds: 60, contextMaxLength: 3, limit: 100, clock: () => now, ...over });

    async function opened(sessions = sessionsOf(), key = 'a'): Promise<Session> {
      const session = await sessions.open(owner(key));
      if (!session) throw new Error('no session');
      return session;
    }
    const say = async (sessions: ReturnType<typeof sessionsOf>, said: string, key = 'a') => {
      const session = await opened(sessions, key);
      await store.knex.transaction((trx) => sessions.saveMany(trx, [{ session, exchange: exchange(said) }]));
    };
    const words = (session: Session | undefined) => session?.context.map(({ content }) => content);

    beforeAll(async () => {
      databases = await start();
    });
    beforeEach(async () => {
      await store?.close();
      now = START;
      store = openStore(await databases.create());
      await migrate(store);
    });
    afterAll(async () => {
      await store.close();
      await databases.stop();
    });

    test('the context is kept, and cut to the newest', async () => {
      const sessions = sessionsOf();
      await say(sessions, '1');
      await say(sessions, '2');
      expect(words(await opened(sessions))).toEqual(['1!', '2', '2!']);
    });

    test('a length that was lowered counts for what is in the table too; 0 keeps nothing', async () => {
      await say(sessionsOf(), '1');
      expect(words(await opened(sessionsOf({ contextMaxLength: 1 })))).toEqual(['1!']);
      expect(words(await opened(sessionsOf({ contextMaxLength: 0 })))).toEqual([]);
      await say(sessionsOf({ contextMaxLength: 0 }), '2');
      expect(words(await opened())).toEqual([]);
    });

    test('a context larger than a row may be is cut to the newest', async () => {
      const sessions = sessionsOf({ contextMaxLength: 1_000 });
      const long = '很'.repeat(100_000);
      for (let count = 0; count < 30; count += 1) await say(sessions, long);
      expect(words(await opened(sessions))?.map(({ length }) => length)).toEqual([
        ...Array(5).fill([100_000, 100_001]).flat().slice(1),
      ]);
    });

    test('silence ends a session at its timeout, and talk prolongs it', async () => {
      const sessions = sessionsOf();
      await say(sessions, '1');
      now += 59_999;
      await say(sessions, '2');
      now += 59_999;
      expect(await opened(sessions)).toMatchObject({ startedAt: START, context: [{}, {}, {}] });
      now += 1;
      expect(await opened(sessions)).toEqual({ ...owner('a'), context: [], startedAt: now });
    });

    test('a row says whose it is', async () => {
      await say(sessionsOf(), '1');
      await expect(store.knex('session').first()).resolves.toMatchObject({
        session_key: 'a',
        tenant_id: 'default',
        platform: 'feishu',
        user_id: 'ou_a',
      });
    });

    test('several end together, each with its own exchange, and none when the transaction fails', async () => {
      const sessions = sessionsOf();
      const saves = await Promise.all(
        ['c', 'a', 'b'].map(async (key) => ({ session: await opened(sessions, key), exchange: exchange(key) })),
      );
      const failing = store.knex.transaction(async (trx) => {
        await sessions.saveMany(trx, saves);
        throw new Error('the answers could not be written');
      });
      await expect(failing).rejects.toThrow('the answers');
      expect(words(await opened(sessions, 'b'))).toEqual([]);
      await store.knex.transaction((trx) => sessions.saveMany(trx, saves));
      await store.knex.transaction((trx) => sessions.saveMany(trx, []));
      for (const key of ['a', 'b', 'c']) expect(words(await opened(sessions, key))).toEqual([key, `${key}!`]);
    });

    test('256 end together', async () => {
      const sessions = sessionsOf({ limit: 300 });
      const all = await Promise.all(owners(256, 'k').map((one) => sessions.open(one)));
      const saves = all.flatMap((session) => (session ? [{ session, exchange: exchange('hi') }] : []));
      await store.knex.transaction((trx) => sessions.saveMany(trx, saves));
      await expect(store.knex('session').where('context', 'like', '%hi!%').pluck('session_key')).resolves.toHaveLength(
        256,
      );
    });

    test('reset forgets one and leaves the others', async () => {
      const sessions = sessionsOf();
      await say(sessions, '1', 'a');
      await say(sessions, '1', 'b');
      await store.knex.transaction((trx) => sessions.reset(trx, 'a'));
      await expect(sessions.active()).resolves.toBe(1);
      expect(words(await opened(sessions, 'a'))).toEqual([]);
      expect(words(await opened(sessions, 'b'))).toEqual(['1', '1!']);
    });

    test('a session counts from its first message on, before it is answered, until its timeout', async () => {
      const sessions = sessionsOf();
      await opened(sessions);
      await expect(sessions.active()).resolves.toBe(1);
      now += 59_999;
      await expect(sessions.active()).resolves.toBe(1);
      now += 1;
      await expect(sessions.active()).resolves.toBe(0);
    });

    test.each([
      [1, 2],
      [9, 10],
      [10, 11],
      [200, 220],
      [10_000, 11_000],
    ])('the limit %i is passed by some before anyone is refused', (limit, ceiling) => {
      expect(ceilingOf(limit)).toBe(ceiling);
    });

    test('a crowd gets as far as a tenth over the limit, whoever has a session goes on', async () => {
      const sessions = sessionsOf({ limit: 200 });
      const crowd = await Promise.all(owners(500, 'k').map((one) => sessions.open(one)));
      expect(crowd.filter(Boolean)).toHaveLength(220);
      await expect(sessions.active()).resolves.toBe(220);
      await expect(sessions.open(owner('k0'))).resolves.toBeDefined();
      await expect(sessions.open(owner('late'))).resolves.toBeUndefined();
      now += 60_000;
      await expect(sessions.open(owner('late'))).resolves.toBeDefined();
    });

    test('two processes see each other’s sessions within a second', async () => {
      const [one, other] = [sessionsOf({ limit: 10 }), sessionsOf({ limit: 10 })];
      await Promise.all(owners(6, 'a').map((who) => one.open(who)));
      await Promise.all(owners(4, 'b').map((who) => other.open(who)));
      now += 1_000;
      await expect(one.open(owner('c1'))).resolves.toBeDefined();
      await expect(one.open(owner('c2'))).resolves.toBeUndefined();
      await expect(other.open(owner('c2'))).resolves.toBeUndefined();
    });

    test('the table is counted once a second at most', async () => {
      const counts: string[] = [];
      store.knex.on('query', ({ sql }: { sql: string }) => {
        if (sql.includes('count(')) counts.push(sql);
      });
      const sessions = sessionsOf();
      for (const who of owners(20, 'a')) await sessions.open(who);
      expect(counts).toHaveLength(1);
      now += 1_000;
      await sessions.open(owner('b'));
      expect(counts).toHaveLength(2);
    });
  });
}
