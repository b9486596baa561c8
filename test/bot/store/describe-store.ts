// Behaviour that both databases must have: migrations, claims, leases in order, the outbox, tenants.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { Knex } from 'knex';
import type { InboundMessage } from '../../../bot/domain/message.ts';
import { createInbox, type InboxRow } from '../../../bot/inbox/inbox.ts';
import { decodeMessage } from '../../../bot/inbox/stored-message.ts';
import { createOutbox, type OutboxRow } from '../../../bot/outbox/outbox.ts';
import { LEASE_MS } from '../../../bot/store/lease-times.ts';
import { migrate } from '../../../bot/store/migrate.ts';
import { newOwner } from '../../../bot/store/new-owner.ts';
import { openStore, type Store } from '../../../bot/store/open-store.ts';
import { RETRY_DELAYS_MS } from '../../../bot/store/retry-schedule.ts';
import { newTraceId } from '../../../bot/telemetry/ids.ts';
import type { Organisation } from '../../../bot/tenants/notices.ts';
import { createTenants } from '../../../bot/tenants/tenants.ts';
import { migrations } from '../../../sql/migrations.ts';

const START = 1_800_000_000_000;
export interface Database {
  /** Creates an empty database and resolves with its URL. */
  create(): Promise<string>;
  stop(): Promise<void>;
}
const message = (over: Partial<InboundMessage> = {}): InboundMessage => ({
  platform: 'feishu',
  appId: 'cli_a',
  messageId: 'om_1',
  eventId: over.messageId ?? 'ev_1',
  externalTenantId: 'tenant_key',
  chatId: 'oc_1',
  chatType: 'p2p',
  userId: 'ou_1',
  addressed: 'yes',
  text: 'hi',
  target: { chatId: 'oc_1' },
  ...over,
});
export function describeStore(name: string, start: () => Promise<Database>): void {
  describe(name, () => {
    let database: Database;
    let url: string;
    let store: Store;
    let now = START;
    const clock = () => now;
    const inboxOf = (owner: string, on = store) => createInbox({ store: on, owner, clock });
    const outboxOf = (owner: string) => createOutbox({ store, owner, clock });
    const claim = (over: Partial<InboundMessage> = {}) =>
      inboxOf('claimer').claim({ message: message(over), tenantId: 'default', traceId: newTraceId() });
    const ids = (rows: { id: number }[]) => rows.map((row) => row.id);

    beforeAll(async () => {
      database = await start();
    });
    afterAll(async () => {
      await store.close();
      await database.stop();
    });
    beforeEach(async () => {
      await store?.close();
      now = START;
      url = await database.create();
      store = openStore(url);
      await migrate(store);
      await createTenants(store, clock).ensureDefault();
    });
    describe('migrations', () => {
      test('change nothing on the second run', async () => {
        await expect(migrate(store)).resolves.toEqual([]);
      });

      test('are safe when several processes start at once', async () => {
        const fresh = await database.create();
        const stores = Array.from({ length: 4 }, () => openStore(fresh));
        const ran = await Promise.all(stores.map((one) => migrate(one)));
        expect(ran.flat()).toEqual(migrations.map(({ name }) => name));
        await Promise.all(stores.map((one) => one.close()));
      });

      test('run after a crash that left the lock of knex behind', async () => {
        await store.knex('schema_migration_lock').update({ is_locked: 1 });
        await expect(migrate(store)).resolves.toEqual([]);
      });

      test('reject with the error of a failed migration, and keep the earlier ones', async () => {
        const broken = {
          name: '9999-broken',
          up: async (knex: Knex) => {
            await knex.raw('select * from no_such_table');
          },
        };
        await expect(migrate(store, [...migrations, broken])).rejects.toThrow('no_such_table');
        await expect(migrate(store)).resolves.toEqual([]);
      });

      test('create the tables of the guide with their columns and defaults', async () => {
        await expect(store.knex('tenant_config').first()).resolves.toMatchObject({
          tenant_id: 'default',
          model_endpoint: null,
          rate_limit: 100,
        });
        const row = { tenant_id: 'default', user_id: 'u', content: '你好', role: 'user', platform: 'feishu' };
        await store.knex('conversation_log').insert({ ...row, chat_id: 'c', trace_id: 't' });
        const saved = await store.knex('conversation_log').first();
        expect(saved).toMatchObject({ ...row, id: 1 });
        expect(saved.create_time).not.toBeNull();
        const unknownTenant = { ...row, tenant_id: 'no-such-tenant', chat_id: 'c', trace_id: 't' };
        await expect(store.knex('conversation_log').insert(unknownTenant)).rejects.toThrow(/foreign key/i);
      });
    });

    describe('claims', () => {
      test.each([
        ['the same message and event', {}, false],
        ['the same message under another event id', { eventId: 'ev_2' }, false],
        ['another message under the same event id', { messageId: 'om_2', eventId: 'om_1' }, false],
        ['an id that differs in case only', { messageId: 'OM_1', eventId: 'OM_1' }, true],
        ['an id that differs in a space at its end', { messageId: 'om_1 ', eventId: 'om_1 ' }, true],
        ['the same ids in another app', { appId: 'cli_b' }, true],
        ['the same ids on another platform', { platform: 'dingtalk' as const }, true],
      ])('%s', async (_what, over, expected) => {
        await expect(claim({ eventId: 'om_1' })).resolves.toBe(true);
        await expect(claim({ eventId: 'om_1', ...over })).resolves.toBe(expected);
      });

      test('of one message at once: one succeeds', async () => {
        const claimed = await Promise.all(Array.from({ length: 10 }, () => claim()));
        expect(claimed.filter(Boolean)).toHaveLength(1);
      });

      test('of many at once: each has its own result, and an invalid one does not fail the others', async () => {
        const inbox = inboxOf('claimer');
        const entry = (messageId: string, tenantId: string) => ({
          message: message({ messageId, eventId: messageId }),
          tenantId,
          traceId: newTraceId(),
        });
        const invalid = null as unknown as string; // its column rejects null
        const answers = await Promise.allSettled([
          inbox.claim(entry('m1', 'default')),
          inbox.claim(entry('m2', 'default')),
          inbox.claim(entry('m2', 'default')),
          inbox.claim(entry('m3', invalid)),
          inbox.claim(entry('m4', 'default')),
        ]);
        expect(answers.map((answer) => (answer.status === 'fulfilled' ? answer.value : 'rejected'))).toEqual([
          true,
          true,
          false,
          'rejected',
          true,
        ]);
        await expect(store.knex('inbox').pluck('message_id')).resolves.toEqual(['m1', 'm2', 'm4']);
      });

      test('are on the disk before they are acknowledged, and several share one sync', async () => {
        let flushed = 0;
        const watched = { ...store, flush: () => store.flush().then(() => void flushed++) };
        const inbox = createInbox({ store: watched, owner: 'a', clock });
        const entry = (messageId: string) => ({
          message: message({ messageId, eventId: messageId }),
          tenantId: 'default',
          traceId: newTraceId(),
        });
        await inbox.claim(entry('m1'));
        expect(flushed).toBe(1);
        await Promise.all(['m2', 'm3', 'm4', 'm5'].map((id) => inbox.claim(entry(id))));
        expect(flushed).toBe(2);
      });

      test('keep long text with special characters', async () => {
        const text = `${'长🎉'.repeat(50_000)}\u202e\\"'`;
        await claim({ text });
        const [row] = await inboxOf('a').lease(1);
        expect(decodeMessage(row?.payload ?? '')).toEqual(message({ text, eventId: 'ev_1' }));
      });
    });

    describe('leases', () => {
      test('accept an owner on a host with a long name', async () => {
        await claim();
        const host = 'bot-0.a-namespace.with-a-long-name.svc.cluster.example.com.internal';
        await expect(inboxOf(newOwner(host)).lease(1)).resolves.toHaveLength(1);
        expect(newOwner(host)).not.toBe(newOwner(host));
      });

      test('include new and released messages immediately after the clock was set back', async () => {
        await claim();
        now -= 600_000;
        const [row] = await inboxOf('a').lease(1);
        await inboxOf('a').release(row as InboxRow);
        now -= 600_000;
        await expect(inboxOf('a').lease(1)).resolves.toHaveLength(1);
      });

      test('from before the clock was set back expire, unless they are renewed', async () => {
        await claim();
        await claim({ messageId: 'm2', chatId: 'other' });
        const [left, kept] = await inboxOf('a').lease(2);
        now -= 600_000;
        await inboxOf('a').renew([kept as InboxRow]);
        await expect(inboxOf('b').lease(2)).resolves.toMatchObject([{ id: left?.id, takenOver: true }]);
      });

      test('include one row of each chat at a time, in order', async () => {
        for (const [messageId, chatId] of Object.entries({ m1: 'x', m2: 'x', m3: 'y' }))
          await claim({ messageId, chatId });
        const inbox = inboxOf('a');
        const first = await inbox.lease(10);
        expect(ids(first)).toEqual([1, 3]);
        await expect(inbox.lease(10)).resolves.toEqual([]);
        await store.knex('inbox').where({ id: 1 }).update({ state: 'done' });
        expect(ids(await inbox.lease(10))).toEqual([2]);
      });

      test('never give a row to two processes', async () => {
        for (let i = 0; i < 30; i++) await claim({ messageId: `m${i}`, chatId: `c${i}` });
        const rounds = await Promise.all(['a', 'b', 'c', 'd'].map((owner) => inboxOf(owner).lease(10)));
        const leased = rounds.flat().map((row) => row.id);
        expect(new Set(leased).size).toBe(leased.length);
      });

      test('that expire go to another process, and the late holder can no longer write', async () => {
        await claim();
        const [row] = await inboxOf('late').lease(1);
        expect(row).toMatchObject({ attempts: 1, takenOver: false });
        now += LEASE_MS + 1;
        const [again] = await inboxOf('next').lease(1);
        expect(again).toMatchObject({ id: row?.id, attempts: 2, takenOver: true });
        if (!row) throw new Error('no row');
        await inboxOf('late').fail(row);
        await expect(store.knex('inbox').first('state', 'lease_owner')).resolves.toEqual({
          state: 'working',
          lease_owner: 'next',
        });
      });

      test('that are renewed do not expire, and only their holder can renew them', async () => {
        await claim();
        const inbox = inboxOf('a');
        const rows = await inbox.lease(1);
        now += LEASE_MS - 1;
        await inboxOf('b').renew(rows);
        await expect(inboxOf('b').lease(1)).resolves.toEqual([]);
        await inbox.renew(rows);
        now += LEASE_MS - 1;
        await expect(inboxOf('b').lease(1)).resolves.toEqual([]);
        now += 2;
        expect(ids(await inboxOf('b').lease(1))).toEqual(ids(rows));
      });

      test('retry a failing message on the schedule, then give up', async () => {
        await claim();
        const inbox = inboxOf('a');
        for (const pause of RETRY_DELAYS_MS) {
          const [row] = await inbox.lease(1);
          await expect(inbox.fail(row as InboxRow)).resolves.toBe('retrying');
          now += pause - 1;
          await expect(inbox.lease(1)).resolves.toEqual([]);
          now += 1 + pause / 5; // the most that jitter adds
        }
        const [last] = await inbox.lease(1);
        await expect(inbox.fail(last as InboxRow)).resolves.toBe('dead');
        now += 1e9;
        await expect(inbox.lease(1)).resolves.toEqual([]);
      });

      test('include a released row immediately, and its attempt does not count', async () => {
        await claim();
        const inbox = inboxOf('a');
        const [row] = await inbox.lease(1);
        await inbox.release(row as InboxRow);
        const [again] = await inbox.lease(1);
        expect(again).toMatchObject({ attempts: 1, takenOver: false });
      });

      test('depth counts unfinished messages and returns the age of the oldest', async () => {
        const inbox = inboxOf('a');
        await expect(inbox.depth()).resolves.toEqual({ depth: 0, oldestAgeSeconds: 0 });
        await claim();
        now += 2_500;
        await claim({ messageId: 'm2' });
        await inbox.lease(1);
        await expect(inbox.depth()).resolves.toEqual({ depth: 2, oldestAgeSeconds: 2.5 });
      });
    });

    describe('the outbox', () => {
      const add = (over: { traceId?: string; chatKey?: string; parts?: string[]; replaces?: string } = {}) =>
        store.knex.transaction((trx) =>
          outboxOf('writer').add(trx, [
            {
              inboxId: 1,
              tenantId: 'default',
              userId: 'ou_1',
              platform: 'feishu',
              appId: 'cli_a',
              chatKey: 'chat',
              traceId: 'b'.repeat(32),
              target: { chatId: 'oc_1' },
              parts: ['one', 'two'],
              ...over,
            },
          ]),
        );
      const rateLimited = (retryAfterMs?: number) => ({
        outcome: 'retrying' as const,
        failure: {
          class: 'rate_limited' as const,
          stage: 'send' as const,
          code: '230020',
          message: 'too fast',
          ...(retryAfterMs ? { retryAfterMs } : {}),
        },
      });
      const leaseOne = async (): Promise<OutboxRow> => {
        const [row] = await outboxOf('a').lease(1);
        if (!row) throw new Error('nothing is due');
        return row;
      };

      test('leases parts in order, the second only when the first is finished', async () => {
        await add();
        const first = await outboxOf('a').lease(10);
        expect(first.map((row) => row.content)).toEqual(['one']);
        await outboxOf('a').settle(first[0] as OutboxRow, { outcome: 'sent', platformMessageId: 'om_9' });
        expect((await leaseOne()).content).toBe('two');
        await expect(store.knex('outbox').where({ part: 0 }).first()).resolves.toMatchObject({
          state: 'sent',
          platform_message_id: 'om_9',
          content: '',
          idempotency_key: `${'b'.repeat(32)}-0`,
        });
      });

      test('marks a part whose sending was started, and the late holder cannot start it', async () => {
        for (const n of [1, 2, 3]) await add({ traceId: `${n}`, chatKey: `${n}`, parts: ['one'] });
        const outbox = outboxOf('a');
        const rows = await outbox.lease(3);
        const [first, second, third] = rows as [OutboxRow, OutboxRow, OutboxRow]; // three were added
        await expect(Promise.all([outbox.begin(first), outbox.begin(second)])).resolves.toEqual([true, true]);
        await outbox.settle(second, { outcome: 'sent', platformMessageId: 'om_1' });
        now += LEASE_MS + 1;
        await expect(outboxOf('b').lease(3)).resolves.toMatchObject([
          { id: first.id, takenOver: true, last_code: 'INTERRUPTED' },
          { id: third.id, takenOver: true, last_code: null },
        ]);
        await expect(Promise.all([outbox.begin(first), outbox.begin(third)])).resolves.toEqual([false, false]);
        await expect(store.knex('outbox').where({ state: 'sent' }).first('last_code')).resolves.toEqual({
          last_code: null,
        });
      });

      test('clears the mark of a part that is released after its sending was started', async () => {
        await add({ parts: ['one'] });
        const [first] = (await outboxOf('a').lease(1)) as [OutboxRow]; // one was added
        await outboxOf('a').begin(first);
        await outboxOf('a').release(first);
        await expect(outboxOf('b').lease(1)).resolves.toMatchObject([
          { takenOver: false, last_code: null, attempts: 1 },
        ]);
        now += LEASE_MS + 1;
        await expect(outboxOf('c').lease(1)).resolves.toMatchObject([{ takenOver: true, last_code: null }]);
      });

      test('drops a platform id that is longer than its column, and keeps result and answer', async () => {
        await add({ parts: ['one'], replaces: 'o'.repeat(192) });
        const [row] = (await outboxOf('a').lease(1)) as [OutboxRow]; // one was added
        expect(row.replaces).toBeNull();
        await outboxOf('a').settle(row, { outcome: 'sent', platformMessageId: 'k'.repeat(192) });
        const sent = await store.knex('outbox').first('state', 'platform_message_id');
        expect(sent).toEqual({ state: 'sent', platform_message_id: null });
      });

      test('is written with its message or not at all', async () => {
        await expect(
          store.knex.transaction(async (trx) => {
            await outboxOf('writer').add(trx, [
              {
                inboxId: 1,
                tenantId: 'default',
                userId: 'ou_1',
                platform: 'feishu',
                appId: 'cli_a',
                chatKey: 'c',
                traceId: 'c'.repeat(32),
                target: {},
                parts: ['x'],
              },
            ]);
            throw new Error('the session could not be saved');
          }),
        ).rejects.toThrow('session');
        await expect(outboxOf('a').lease(1)).resolves.toEqual([]);
      });

      test('retries exactly on the schedule, then gives up', async () => {
        await add({ parts: ['one'] });
        const pauses: number[] = [];
        for (;;) {
          const settled = await outboxOf('a').settle(await leaseOne(), rateLimited());
          if (settled === 'dead') break;
          const { available_at: at } = await store.knex('outbox').first('available_at');
          pauses.push(Number(at) - now);
          now = Number(at) - 1;
          await expect(outboxOf('a').lease(1)).resolves.toEqual([]);
          now += 1;
        }
        const spread = pauses.map((pause, i) => pause / (RETRY_DELAYS_MS[i] ?? 1));
        expect(spread).toHaveLength(RETRY_DELAYS_MS.length);
        for (const share of spread) expect(share >= 1 && share <= 1.2).toBe(true);
        await expect(store.knex('outbox').first('state', 'last_class', 'last_code')).resolves.toEqual({
          state: 'dead',
          last_class: 'rate_limited',
          last_code: '230020',
        });
      });

      test('waits as long as the platform requests, and gives up a part that would expire', async () => {
        await add({ parts: ['one'] });
        await expect(outboxOf('a').settle(await leaseOne(), rateLimited(120_000))).resolves.toBe('retrying');
        now += 120_000 * 1.2;
        await expect(outboxOf('a').settle(await leaseOne(), rateLimited(3_600_000))).resolves.toBe('dead');
      });

      test('counts parts by state and returns the oldest age', async () => {
        await add();
        now += 5_000;
        await leaseOne();
        await expect(outboxOf('a').depths()).resolves.toEqual({
          byState: { pending: 1, sending: 1, unknown: 0, dead: 0 },
          oldestAgeSeconds: 5,
        });
      });
    });

    test('tenants: binds the first organisation only, and once if several messages race', async () => {
      const tenants = createTenants(store, clock);
      const bound = { tenantId: 'default', rateLimit: 100, model: {}, isolation: 'shared' };
      const results = await Promise.all([1, 2, 3, 4].map(() => tenants.resolve(message())));
      expect(results).toEqual([bound, bound, bound, bound]);
      await expect(tenants.resolve(message({ externalTenantId: 'stranger' }))).resolves.toBeUndefined();
      await expect(tenants.resolve(message({ appId: 'cli_b', externalTenantId: 'other' }))).resolves.toEqual(bound);
      await expect(tenants.ensureDefault()).resolves.toBeUndefined();
      await expect(tenants.find('no-such-tenant')).resolves.toBeUndefined();
    });

    test('tenants: reads a change after some seconds, also if the clock was set back meanwhile', async () => {
      const tenants = createTenants(store, clock);
      await expect(tenants.find('default')).resolves.toMatchObject({ rateLimit: 100 });
      await store.knex('tenant_config').update({ rate_limit: 7 });
      now -= 3_600_000;
      await expect(tenants.find('default')).resolves.toMatchObject({ rateLimit: 7 });
    });

    test('tenants: binds one of several organisations whose first messages arrive at once', async () => {
      for (let round = 0; round < 5; round += 1) {
        const boundIds: string[] = [];
        const notices = {
          bound: (one: Organisation) => boundIds.push(one.externalTenantId),
          ignored: () => undefined,
        };
        const tenants = [1, 2].map(() => createTenants(store, clock, notices));
        const first = (n: number) => message({ appId: `cli_${round}`, externalTenantId: `organisation-${n % 3}` });
        const results = await Promise.all([0, 1, 2, 3, 4, 5].map((n) => tenants[n % 2]?.resolve(first(n))));
        const rows = await store.knex('tenant_channel').where('app_id', `cli_${round}`).pluck('external_id');
        expect(rows).toEqual(boundIds);
        expect(boundIds).toHaveLength(1);
        expect(results.filter(Boolean)).toHaveLength(2);
      }
    });
  });
}
