// Retention on both databases: each kind of row at its boundary, with a clock of the test.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createConversationLog } from '../../../bot/conversation/conversation-log.ts';
import { FINISHED_RETENTION_MS } from '../../../bot/domain/callback.ts';
import { createRetention } from '../../../bot/retention/retention.ts';
import { DEAD_RETENTION_MS, RATE_WINDOW_RETENTION_MS, SESSION_RETENTION_MS } from '../../../bot/retention/sweeps.ts';
import { migrate } from '../../../bot/store/migrate.ts';
import { openStore, type Store } from '../../../bot/store/open-store.ts';
import { conversationTables, dedicatedTable, settleConversations } from '../../../bot/tenants/conversation-tables.ts';
import type { Database } from '../store/describe-store.ts';
import { conversationRow, inboxRow, outboxRow, sessionRow } from '../store/rows.ts';

const NOW = 1_800_000_000_000;
const DAYS_MS = 86_400_000;
const NOTHING = { inbox: 0, outbox: 0, deadLetters: 0, sessions: 0, rateWindows: 0, conversation: 0, moved: 0 };

export function describeRetention(name: string, start: () => Promise<Database>): void {
  describe(name, () => {
    let database: Database;
    let url: string;
    let store: Store;
    let now: number;
    let lines: unknown[];
    const retention = (over: { conversationDays?: number; everyMs?: number; store?: Store } = {}) =>
      createRetention({
        store,
        clock: () => now,
        log: { info: (_text, fields) => void lines.push(fields), error: (text) => void lines.push(text) },
        conversationDays: 90,
        sessionTimeoutSeconds: 1800,
        ...over,
      });

    beforeAll(async () => {
      database = await start();
    });
    afterAll(async () => {
      await store.close();
      await database.stop();
    });
    beforeEach(async () => {
      await store?.close();
      now = NOW;
      lines = [];
      url = await database.create();
      store = openStore(url);
      await migrate(store);
      await store.knex('tenant_config').insert([
        { tenant_id: 'default', isolation: 'shared' },
        { tenant_id: 'own', isolation: 'dedicated' },
      ]);
    });

    test('ids are remembered until Feishu has delivered a message for the last time', () => {
      const seconds = 15 + 5 * 60 + 3600 + 6 * 3600;
      expect(FINISHED_RETENTION_MS).toBeGreaterThan(seconds * 1000);
    });

    test.each([
      ['inbox', { state: 'done' }, FINISHED_RETENTION_MS, 'inbox'],
      ['inbox', { state: 'dead' }, DEAD_RETENTION_MS, 'deadLetters'],
      ['outbox', { state: 'sent' }, FINISHED_RETENTION_MS, 'outbox'],
      ['outbox', { state: 'dropped' }, FINISHED_RETENTION_MS, 'outbox'],
      ['outbox', { state: 'dead' }, DEAD_RETENTION_MS, 'deadLetters'],
      ['outbox', { state: 'unknown' }, DEAD_RETENTION_MS, 'deadLetters'],
    ] as const)('%s %j is deleted when it is older than %i ms', async (table, { state }, retentionMs, count) => {
      const row = table === 'inbox' ? inboxRow : outboxRow;
      await store.knex(table).insert(row({ state, available_at: NOW - 5, finished_at: NOW }));
      now = NOW + retentionMs;
      await expect(retention().sweep()).resolves.toEqual(NOTHING);
      now += 1;
      await expect(retention().sweep()).resolves.toEqual({ ...NOTHING, [count]: 1 });
      await expect(store.knex(table).pluck('id')).resolves.toEqual([]);
    });

    test.each([
      ['inbox', ['pending', 'working']],
      ['outbox', ['pending', 'sending']],
    ] as const)('%s: unfinished rows are never deleted', async (table, states) => {
      const row = table === 'inbox' ? inboxRow : outboxRow;
      await store.knex(table).insert(states.map((state) => row({ state, available_at: 0, finished_at: null })));
      now = NOW * 2;
      await expect(retention().sweep()).resolves.toEqual(NOTHING);
    });

    test('a session is deleted a day after its timeout', async () => {
      await store.knex('session').insert(sessionRow({ last_active_at: NOW }));
      now = NOW + 1_800_000 + SESSION_RETENTION_MS;
      await expect(retention().sweep()).resolves.toEqual(NOTHING);
      now += 1;
      await expect(retention().sweep()).resolves.toEqual({ ...NOTHING, sessions: 1 });
    });

    test('a window of a rate limit is deleted after an hour', async () => {
      await store.knex('rate_window').insert({ rate_key: 'k', window_start: NOW, messages: 3 });
      now = NOW + RATE_WINDOW_RETENTION_MS;
      await expect(retention().sweep()).resolves.toEqual(NOTHING);
      now += 1;
      await expect(retention().sweep()).resolves.toEqual({ ...NOTHING, rateWindows: 1 });
    });

    test('conversations are deleted from all tables after the configured days, and never with 0 days', async () => {
      await settleConversations(store, 'own', 'dedicated');
      const create_time = '2027-01-15 08:00:00'; // NOW
      await store.knex('conversation_log').insert(conversationRow({ tenant_id: 'default', create_time }));
      await store.knex(dedicatedTable('own')).insert(conversationRow({ tenant_id: 'own', create_time }));
      now = NOW + 90 * DAYS_MS;
      await expect(retention().sweep()).resolves.toEqual(NOTHING);
      now += 1000; // the column holds whole seconds
      await expect(retention({ conversationDays: 0 }).sweep()).resolves.toEqual(NOTHING);
      await expect(retention().sweep()).resolves.toEqual({ ...NOTHING, conversation: 2 });
    });

    test('the database writes and compares the time of a conversation as UTC', async () => {
      await store.knex('conversation_log').insert(conversationRow());
      now = Date.now() + DAYS_MS - 60_000;
      await expect(retention({ conversationDays: 1 }).sweep()).resolves.toEqual(NOTHING);
      now += 120_000;
      await expect(retention({ conversationDays: 1 }).sweep()).resolves.toMatchObject({ conversation: 1 });
    });

    test('concurrent processes delete and count each of many rows once', async () => {
      const rows = Array.from({ length: 1200 }, () => outboxRow({ state: 'sent', available_at: 0, finished_at: 0 }));
      for (let i = 0; i < rows.length; i += 100) await store.knex('outbox').insert(rows.slice(i, i + 100));
      const others = [1, 2, 3].map(() => openStore(url));
      const counts = await Promise.all([store, ...others].map((one) => retention({ store: one }).sweep()));
      expect(counts.reduce((sum, { outbox }) => sum + outbox, 0)).toBe(1200);
      await Promise.all(others.map((one) => one.close()));
    });

    test('logs the deleted rows, and nothing if there are none', async () => {
      await retention().sweep();
      await store.knex('outbox').insert(outboxRow({ state: 'dead', available_at: 0, finished_at: 0 }));
      await retention().sweep();
      expect(lines).toEqual([{ 'event.action': 'retention-swept', 'chatbot.swept': 'deadLetters 1' }]);
    });

    test('sweeps periodically, also after a failure, until it is stopped', async () => {
      const running = retention({ everyMs: 20 });
      await store.knex.schema.renameTable('session', 'session_away');
      running.start();
      const remainingRows = async () => (await store.knex('outbox').pluck('id')).length;
      const until = async (met: () => boolean | Promise<boolean>) => {
        while (!(await met())) await new Promise((resolve) => setTimeout(resolve, 10));
      };
      await until(() => lines.length > 0);
      await store.knex.schema.renameTable('session_away', 'session');
      for (let round = 0; round < 2; round++) {
        await store.knex('outbox').insert(outboxRow({ state: 'sent', available_at: 0, finished_at: 0 }));
        await until(async () => (await remainingRows()) === 0);
      }
      await running.stop();
      await store.knex('outbox').insert(outboxRow({ state: 'sent', available_at: 0, finished_at: 0 }));
      await new Promise((resolve) => setTimeout(resolve, 100));
      await expect(remainingRows()).resolves.toBe(1);
    });

    describe('isolation', () => {
      const log = () => createConversationLog({ store });
      const append = (isolation: 'shared' | 'dedicated', content: string, tenantId = 'own') =>
        store.knex.transaction((trx) =>
          log().append(trx, { tenantId, isolation }, [
            { userId: 'u', role: 'user', content, platform: 'feishu', chatId: 'c', traceId: 't' },
          ]),
        );
      const contents = (table: string) => store.knex(table).orderBy('id').pluck('content');

      test('moves rows to the table of the new isolation', async () => {
        await append('shared', 'other', 'default');
        await append('shared', 'one');
        await expect(settleConversations(store, 'own', 'dedicated')).resolves.toBe(1);
        await append('dedicated', 'two');
        await expect(contents('conversation_log__own')).resolves.toEqual(['one', 'two']);
        await expect(contents('conversation_log')).resolves.toEqual(['other']);
        await expect(settleConversations(store, 'own', 'shared')).resolves.toBe(2);
        await expect(contents('conversation_log')).resolves.toEqual(['other', 'one', 'two']);
        await expect(conversationTables(store)).resolves.toEqual(['conversation_log']);
      });

      test('keeps the times and the order of many rows', async () => {
        const rows = Array.from({ length: 1100 }, (_, i) =>
          conversationRow({ tenant_id: 'own', content: String(i), create_time: '2020-02-03 04:05:06' }),
        );
        for (let i = 0; i < rows.length; i += 100) await store.knex('conversation_log').insert(rows.slice(i, i + 100));
        await expect(settleConversations(store, 'own', 'dedicated')).resolves.toBe(1100);
        await expect(contents('conversation_log__own')).resolves.toEqual(rows.map((row) => row.content));
        const times = await store.knex('conversation_log__own').distinct('create_time');
        expect(times.map(({ create_time: at }) => new Date(at).getFullYear())).toEqual([2020]);
      });

      test('moves rows that a bot wrote with the old isolation', async () => {
        await settleConversations(store, 'own', 'dedicated');
        await append('shared', 'late');
        await expect(retention().sweep()).resolves.toMatchObject({ moved: 1 });
        await expect(contents('conversation_log__own')).resolves.toEqual(['late']);
        await store.knex('tenant_config').where('tenant_id', 'own').update({ isolation: 'shared' });
        await settleConversations(store, 'own', 'shared');
        await append('dedicated', 'later');
        await expect(contents('conversation_log')).resolves.toEqual(['late', 'later']);
      });

      test('stops a long move between two batches, and continues it in the next sweep', async () => {
        await settleConversations(store, 'own', 'dedicated');
        const rows = Array.from({ length: 1100 }, (_, i) => conversationRow({ tenant_id: 'own', content: String(i) }));
        for (let i = 0; i < rows.length; i += 100)
          await store.knex(dedicatedTable('own')).insert(rows.slice(i, i + 100));
        await store.knex('tenant_config').where('tenant_id', 'own').update({ isolation: 'shared' });
        const stopped = retention();
        store.knex.on('query', ({ sql }: { sql: string }) => {
          if (/^insert into/i.test(sql)) void stopped.stop();
        });
        expect((await stopped.sweep()).moved).toBe(500);
        expect((await retention().sweep()).moved).toBe(600);
        await expect(contents('conversation_log')).resolves.toEqual(rows.map((row) => row.content));
        await expect(conversationTables(store)).resolves.toEqual(['conversation_log']);
      });

      test('continues an interrupted change, in either direction', async () => {
        await settleConversations(store, 'own', 'dedicated');
        await append('dedicated', 'one');
        await store.knex.schema.renameTable('conversation_log__own', 'conversation_leaving__own');
        await expect(settleConversations(store, 'own', 'dedicated')).resolves.toBe(0);
        await expect(contents('conversation_log__own')).resolves.toEqual(['one']);
        await store.knex.schema.renameTable('conversation_log__own', 'conversation_leaving__own');
        await expect(settleConversations(store, 'own', 'shared')).resolves.toBe(1);
        await expect(contents('conversation_log')).resolves.toEqual(['one']);
      });

      test('accepts the shortest and the longest tenant id', async () => {
        for (const tenantId of ['0', `a-b_${'x'.repeat(28)}`]) {
          await store.knex('tenant_config').insert({ tenant_id: tenantId, isolation: 'dedicated' });
          await settleConversations(store, tenantId, 'dedicated');
          await append('dedicated', 'hi', tenantId);
          await expect(contents(`conversation_log__${tenantId}`)).resolves.toEqual(['hi']);
        }
        expect(() => dedicatedTable('a`b')).toThrow('cannot name a table');
      });
    });
  });
}
