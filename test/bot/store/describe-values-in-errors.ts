// Checks that database errors contain no values of rows in message, stack, other members or log.
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Knex } from 'knex';
import { migrate } from '../../../bot/store/migrate.ts';
import { openStore, type Store } from '../../../bot/store/open-store.ts';
import { createLogger } from '../../../bot/telemetry/logger.ts';
import type { Databases } from '../../support/databases.ts';
import { conversationRow, inboxRow, sessionRow } from './rows.ts';

/** Value that contains every delimiter of a value in an error message. */
export const QUOTED_VALUE = `my "salary's" secret' for key 'x\n    at 工资 - 😀`;
const VALUE_PARTS = /salary|secret|工资|😀/;

/** Statement that fails because of its value, or for another reason while it contains the value. */
export type FailingStatement = [name: string, run: (knex: Knex) => PromiseLike<unknown>];

const common: FailingStatement[] = [
  ['a duplicate key', (knex) => knex('session').insert([session(), session()])],
  ['a missing value', (knex) => knex('inbox').insert({ ...inboxRow({ payload: QUOTED_VALUE }), tenant_id: null })],
  [
    'an unknown tenant',
    (knex) => knex('conversation_log').insert(conversationRow({ content: QUOTED_VALUE, tenant_id: 'no' })),
  ],
  ['an unknown table', (knex) => knex('nowhere').insert({ content: QUOTED_VALUE })],
  ['an unknown column', (knex) => knex('session').where({ nothing: QUOTED_VALUE })],
  ['invalid SQL', (knex) => knex.raw('selec ?', [QUOTED_VALUE])],
  ['invalid SQL after a value', (knex) => knex.raw('select ? frm x', [QUOTED_VALUE])],
  ['in a transaction', (knex) => knex.transaction((trx) => trx('session').insert([session(), session()]))],
];
const session = () => sessionRow({ session_key: QUOTED_VALUE.slice(0, 40) });

export function describeValuesInErrors(name: string, start: () => Promise<Databases>, own: FailingStatement[]): void {
  describe(name, () => {
    let databases: Databases;
    let store: Store;
    let dir: string;
    beforeAll(async () => {
      dir = await mkdtemp(join(tmpdir(), 'chatbot-errors-'));
      databases = await start();
      store = openStore(await databases.create());
      await migrate(store);
    });
    afterAll(async () => {
      await store.close();
      await databases.stop();
      await rm(dir, { recursive: true, force: true });
    });

    async function logged(error: unknown): Promise<string> {
      const service = { name: 'clawdbot', version: '1' };
      const log = createLogger({ level: 'info', dir, secrets: [], service, stdout: false });
      log.error('It failed', { error });
      await log.close();
      return readFile(join(dir, 'app.log'), 'utf8');
    }

    test.each([...common, ...own])('%s', async (_name, run) => {
      const error = await Promise.resolve(run(store.knex)).then(
        () => undefined,
        (reason: Error & { code?: unknown }) => reason,
      );
      expect(error?.message).toMatch(/\S/);
      expect(error?.code).toMatch(/^(ER|SQLITE|WARN)_/);
      for (const text of [error?.message, error?.stack, inspect(error, { depth: 9 }), await logged(error)]) {
        expect(text).not.toMatch(VALUE_PARTS);
      }
    });
  });
}
