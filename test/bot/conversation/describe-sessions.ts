// Tests of sessions, shared by both databases.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import {
  createSessions,
  maxSessionsFor,
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
const exchange = (question: string) => [
  { role: 'user' as const, content: question },
  { role: 'assistant' as const, content: `${question}!` },
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
    const converse = async (sessions: ReturnType<typeof sessionsOf>, question: string, key = 'a') => {
      const session = await opened(sessions, key);
      await store.knex.transaction((trx) => sessions.saveMany(trx, [{ session, exchange: exchange(question) }]));
    };
    const texts = (session: Session | undefined) => session?.context.map(({ content }) => content);

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

    test('keeps the context, limited to the newest messages', async () => {
      const sessions = sessionsOf();
      await converse(sessions, '1');
      await converse(sessions, '2');
      expect(texts(await opened(sessions))).toEqual(['1!', '2', '2!']);
    });

    test('a lowered length also applies to stored sessions; 0 keeps nothing', async () => {
      await converse(sessionsOf(), '1');
      expect(texts(await opened(sessionsOf({ contextMaxLength: 1 })))).toEqual(['1!']);
      expect(texts(await opened(sessionsOf({ contextMaxLength: 0 })))).toEqual([]);
      await converse(sessionsOf({ contextMaxLength: 0 }), '2');
      expect(texts(await opened())).toEqual([]);
    });

    test.each(['[{"role":"user","content":"hi"', '{}', ''])(
      'a row with the damaged context %j begins a new conversation, and opens with others',
      async (context) => {
        const sessions = sessionsOf();
        await converse(sessions, '1', 'b');
        await converse(sessions, 'hi');
        await store.knex('session').where('session_key', 'a').update({ context });
        const opened = await Promise.all([sessions.open(owner('a')), sessions.open(owner('b'))]);
        expect(opened.map(texts)).toEqual([[], ['1', '1!']]);
        await converse(sessions, '2');
        expect(texts(await sessions.open(owner('a')))).toEqual(['2', '2!']);
      },
    );

    test('limits a context that is too large for a row to the newest messages', async () => {
      const sessions = sessionsOf({ contextMaxLength: 1_000 });
      const long = '很'.repeat(100_000);
      for (let count = 0; count < 30; count += 1) await converse(sessions, long);
      expect(texts(await opened(sessions))?.map(({ length }) => length)).toEqual([
        ...Array(5).fill([100_000, 100_001]).flat().slice(1),
      ]);
    });

    test('a session expires after the timeout, and each message renews it', async () => {
      const sessions = sessionsOf();
      await converse(sessions, '1');
      now += 59_999;
      await converse(sessions, '2');
      now += 59_999;
      expect(await opened(sessions)).toMatchObject({ startedAt: START, context: [{}, {}, {}] });
      now += 1;
      expect(await opened(sessions)).toEqual({ ...owner('a'), context: [], startedAt: now });
    });

    test('a row contains its tenant, platform and user', async () => {
      await converse(sessionsOf(), '1');
      await expect(store.knex('session').first()).resolves.toMatchObject({
        session_key: 'a',
        tenant_id: 'default',
        platform: 'feishu',
        user_id: 'ou_a',
      });
    });

    test('saves several sessions, each with its own exchange, and none if the transaction fails', async () => {
      const sessions = sessionsOf();
      const saves = await Promise.all(
        ['c', 'a', 'b'].map(async (key) => ({ session: await opened(sessions, key), exchange: exchange(key) })),
      );
      const failing = store.knex.transaction(async (trx) => {
        await sessions.saveMany(trx, saves);
        throw new Error('the answers could not be written');
      });
      await expect(failing).rejects.toThrow('the answers');
      expect(texts(await opened(sessions, 'b'))).toEqual([]);
      await store.knex.transaction((trx) => sessions.saveMany(trx, saves));
      await store.knex.transaction((trx) => sessions.saveMany(trx, []));
      for (const key of ['a', 'b', 'c']) expect(texts(await opened(sessions, key))).toEqual([key, `${key}!`]);
    });

    test('saves 256 sessions together', async () => {
      const sessions = sessionsOf({ limit: 300 });
      const all = await Promise.all(owners(256, 'k').map((one) => sessions.open(one)));
      const saves = all.flatMap((session) => (session ? [{ session, exchange: exchange('hi') }] : []));
      await store.knex.transaction((trx) => sessions.saveMany(trx, saves));
      await expect(store.knex('session').where('context', 'like', '%hi!%').pluck('session_key')).resolves.toHaveLength(
        256,
      );
    });

    test('reset deletes one session and keeps the others', async () => {
      const sessions = sessionsOf();
      await converse(sessions, '1', 'a');
      await converse(sessions, '1', 'b');
      await store.knex.transaction((trx) => sessions.reset(trx, 'a'));
      await expect(sessions.active()).resolves.toBe(1);
      expect(texts(await opened(sessions, 'a'))).toEqual([]);
      expect(texts(await opened(sessions, 'b'))).toEqual(['1', '1!']);
    });

    test('counts a session from its first message, before the answer, until its timeout', async () => {
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
    ])('a limit of %i rejects new sessions from %i on', (limit, max) => {
      expect(maxSessionsFor(limit)).toBe(max);
    });

    test('500 owners at once get 10 % more sessions than the limit, and existing sessions continue', async () => {
      const sessions = sessionsOf({ limit: 200 });
      const opening = await Promise.all(owners(500, 'k').map((one) => sessions.open(one)));
      expect(opening.filter(Boolean)).toHaveLength(220);
      await expect(sessions.active()).resolves.toBe(220);
      await expect(sessions.open(owner('k0'))).resolves.toBeDefined();
      await expect(sessions.open(owner('late'))).resolves.toBeUndefined();
      now += 60_000;
      await expect(sessions.open(owner('late'))).resolves.toBeDefined();
    });

    test('two processes count each other’s sessions within a second', async () => {
      const [first, second] = [sessionsOf({ limit: 10 }), sessionsOf({ limit: 10 })];
      await Promise.all(owners(6, 'a').map((one) => first.open(one)));
      await Promise.all(owners(4, 'b').map((one) => second.open(one)));
      now += 1_000;
      await expect(first.open(owner('c1'))).resolves.toBeDefined();
      await expect(first.open(owner('c2'))).resolves.toBeUndefined();
      await expect(second.open(owner('c2'))).resolves.toBeUndefined();
    });

    test('counts the table at most once a second', async () => {
      const counts: string[] = [];
      store.knex.on('query', ({ sql }: { sql: string }) => {
        if (sql.includes('count(')) counts.push(sql);
      });
      const sessions = sessionsOf();
      for (const one of owners(20, 'a')) await sessions.open(one);
      expect(counts).toHaveLength(1);
      now += 1_000;
      await sessions.open(owner('b'));
      expect(counts).toHaveLength(2);
    });
  });
}
