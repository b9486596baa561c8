// Values in errors of SQLite.
import { sqliteDatabases } from '../../support/databases.ts';
import { describeValuesInErrors, QUOTED_VALUE } from './describe-values-in-errors.ts';
import { inboxRow } from './rows.ts';

describeValuesInErrors('SQLite', sqliteDatabases, [
  ['text for a number', (knex) => knex('inbox').insert({ ...inboxRow(), id: QUOTED_VALUE })],
  ['invalid JSON', (knex) => knex.raw('select json(?)', [QUOTED_VALUE])],
  ['an unknown function', (knex) => knex.raw('select nothing(?)', [QUOTED_VALUE])],
]);
