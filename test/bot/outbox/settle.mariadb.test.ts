// The result of a push is stored although the database is unavailable for a moment.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Channel } from '../../../bot/domain/channel.ts';
import { createOutbox, type OutboxRow } from '../../../bot/outbox/outbox.ts';
import { createPacer } from '../../../bot/outbox/pacer.ts';
import { createRowSender } from '../../../bot/outbox/send-row.ts';
import { descriptors } from '../../../bot/platforms/registry.ts';
import { migrate } from '../../../bot/store/migrate.ts';
import { openStore, type Store } from '../../../bot/store/open-store.ts';
import type { Logger } from '../../../bot/telemetry/logger.ts';
import { createMetrics } from '../../../bot/telemetry/metrics.ts';
import { type Mariadb, startMariadb } from '../../support/mariadb.ts';
import { outboxRow } from '../store/rows.ts';

let mariadb: Mariadb;
let store: Store;
beforeAll(async () => {
  mariadb = await startMariadb();
  store = openStore(mariadb.url);
  await migrate(store);
});
afterAll(async () => {
  await store.close();
  await mariadb.stop();
});

const silent = { info() {}, warn() {}, error() {} } as unknown as Logger; // the test reads no log line

function senderOf(send: Channel['send']) {
  const channel: Channel = {
    platform: 'dingtalk',
    appIds: ['dingA'],
    rates: { chat: { messages: 1000, perMs: 1000 }, app: [{ messages: 1000, perMs: 1000 }] },
    split: (markdown) => [markdown],
    idempotent: false,
    screen: () => ({ reason: 'missing_signature' }),
    receive: () => ({ kind: 'rejected', reason: 'malformed_json' }),
    send,
  };
  const outbox = createOutbox({ store, owner: 'a', clock: Date.now });
  const sender = createRowSender({
    outbox,
    channels: new Map([['dingtalk', channel]]),
    pacer: createPacer(),
    metrics: createMetrics({
      platforms: descriptors(),
      version: '1',
      commit: 'c',
      sessionsLimit: 1,
      models: ['offline'],
    }),
    log: silent,
    hashChat: (key) => key,
    note: () => {},
    clock: Date.now,
  });
  return { outbox, sender };
}

test('stores a part as sent, not as unknown, if the database restarts during the push', async () => {
  await store.knex('outbox').insert(outboxRow({ platform: 'dingtalk', app_id: 'dingA', expires_at: Date.now() + 1e6 }));
  let restarted: Promise<void> = Promise.resolve();
  const { outbox, sender } = senderOf(async () => {
    restarted = mariadb.restart();
    return { outcome: 'sent', platformMessageId: 'key' };
  });
  const [row] = await outbox.lease(1);
  await sender.send(row as OutboxRow, new AbortController().signal);
  await restarted;
  await expect(store.knex('outbox').first('state', 'last_class')).resolves.toEqual({ state: 'sent', last_class: null });
});
