// Values in the errors of SQLite.
import { sqliteDatabases } from '../../support/databases.ts';
import { describeValuesInErrors, WORDS } from './describe-values-in-errors.ts';
import { inboxRow } from './rows.ts';

describeValuesInErrors('SQLite', sqliteDatabases, [
  ['text for a number', (knex) => knex('inbox').insert({ ...inboxRow(), id: WORDS })],
  ['no JSON', (knex) => knex.raw('select json(?)', [WORDS])],
  ['no such function', (knex) => knex.raw('select nothing(?)', [WORDS])],
]);
