// Tests of messages finished together, shared by both databases, also with long texts.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createConversationLog } from '../../../bot/conversation/conversation-log.ts';
import { createFinisher } from '../../../bot/conversation/finish-messages.ts';
import { createSessions } from '../../../bot/conversation/sessions.ts';
import type { ChatMessage } from '../../../bot/domain/chat-message.ts';
import type { InboundMessage } from '../../../bot/domain/message.ts';
import { createInbox } from '../../../bot/inbox/inbox.ts';
import { decodeMessage } from '../../../bot/inbox/stored-message.ts';
import { createOutbox } from '../../../bot/outbox/outbox.ts';
import { migrate } from '../../../bot/store/migrate.ts';
import { openStore, type Store } from '../../../bot/store/open-store.ts';
import { newTraceId } from '../../../bot/telemetry/ids.ts';
import { createTenants, type Tenant } from '../../../bot/tenants/tenants.ts';
import type { Databases } from '../../support/databases.ts';

const MESSAGES = 90;
const clock = Date.now;
const tenant: Tenant = { tenantId: 'default', rateLimit: 100, isolation: 'shared' };
const exchangeOf = (length: number): ChatMessage[] => [
  { role: 'user', content: 'q'.repeat(length) },
  { role: 'assistant', content: 'a'.repeat(length) },
];

function messageOf(index: number, text: string): InboundMessage {
  const ids = { messageId: `om_${index}`, eventId: `ev_${index}`, chatId: `oc_${index}`, userId: `ou_${index}` };
  const origin = { platform: 'feishu', appId: 'cli_a', externalTenantId: 't', chatType: 'p2p' } as const;
  return { ...origin, ...ids, addressed: 'yes', text, target: {} };
}

export function describeEndings(name: string, start: () => Promise<Databases>): void {
  describe(name, () => {
    let databases: Databases;
    let store: Store;

    beforeAll(async () => {
      databases = await start();
    });
    beforeEach(async () => {
      await store?.close();
      store = openStore(await databases.create());
      await migrate(store);
      await createTenants(store, clock).ensureDefault();
    });
    afterAll(async () => {
      await store.close();
      await databases.stop();
    });

    interface Batch {
      messages: number;
      /** Characters of a question, and of its answer. */
      length: number;
      parts: number;
      /** Characters of each earlier question in the session, and of its answer. */
      before?: number[];
    }

    async function finishTogether({ messages, length, parts, before = [] }: Batch) {
      const options = { store, owner: 'a', clock };
      const [inbox, outbox] = [createInbox(options), createOutbox(options)];
      const limits = { timeoutSeconds: 60, contextMaxLength: 10, limit: 1_000 };
      const sessions = createSessions({ store, clock, ...limits });
      const errors: unknown[] = [];
      const finisher = createFinisher({
        ...{ store, inbox, outbox, sessions, conversationLog: createConversationLog({ store }) },
        split: (_platform, markdown) => Array(parts).fill(markdown.slice(0, Math.ceil(markdown.length / parts))),
        log: { error: (_message: string, { error }: { error: unknown }) => errors.push(error) } as never,
      });
      const all = Array.from({ length: messages }, (_, index) => messageOf(index, 'q'.repeat(length)));
      const claims = all.map((message) => inbox.claim({ message, tenantId: 'default', traceId: newTraceId() }));
      expect(new Set(await Promise.all(claims))).toEqual(new Set([true]));
      const rows = await inbox.lease(messages);
      const finished = await Promise.all(
        rows.map(async (row, index) => {
          const message = decodeMessage(row.payload);
          const owner = { key: `s${index}`, tenantId: 'default', platform: 'feishu', userId: 'ou' } as const;
          const session = { ...owner, startedAt: 0, context: before.flatMap(exchangeOf) };
          const reply = { text: 'a'.repeat(length) };
          return finisher.finish({ row, message, tenant, reply, session: { session, exchange: exchangeOf(length) } });
        }),
      );
      expect(finished).toEqual(Array(messages).fill(true));
      expect(errors).toEqual([]);
      expect(await store.knex('outbox').count({ rows: '*' }).first()).toEqual({ rows: messages * parts });
    }

    test('writes more parts than fit into one statement', () =>
      finishTogether({ messages: MESSAGES, length: 600, parts: 12 }));

    test('writes longer texts than fit into one statement', () =>
      finishTogether({ messages: MESSAGES, length: 100_000, parts: 4, before: [50_000] }));
  });
}
