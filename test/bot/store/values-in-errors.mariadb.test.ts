// Values in the errors of MariaDB, which quotes them, and of its driver, which puts them into the statement.
import { mariadbDatabases } from '../../support/databases.ts';
import { describeValuesInErrors, WORDS } from './describe-values-in-errors.ts';
import { inboxRow, sessionRow } from './rows.ts';

const longer = WORDS.repeat(30);

describeValuesInErrors('MariaDB', mariadbDatabases, [
  ['text for a number', (knex) => knex('inbox').insert(inboxRow({ received_at: WORDS }))],
  ['long text for a number', (knex) => knex('inbox').insert(inboxRow({ received_at: longer }))],
  ['text that is too long', (knex) => knex('inbox').insert(inboxRow({ chat_key: longer }))],
  ['a number that is too great', (knex) => knex('inbox').insert(inboxRow({ attempts: 1e12, payload: WORDS }))],
  ['text for a time', (knex) => knex('session').insert(sessionRow({ started_at: WORDS, last_active_at: WORDS }))],
  ['a wrong character', (knex) => knex.raw('insert into session (session_key) values (concat(?, 0xfffe))', [WORDS])],
  ['a value out of range', (knex) => knex.raw('select cast(9223372036854775807 as signed) + length(?)', [WORDS])],
  ['a signal', (knex) => knex.raw("signal sqlstate '45000' set message_text = ?", [`'${WORDS}'`])],
  ['a name that is a value', (knex) => knex.raw('select * from t limit ?', [WORDS])],
  [
    'an upsert',
    (knex) =>
      knex('session')
        .insert(sessionRow({ session_key: longer, context: WORDS }))
        .onConflict('session_key')
        .merge(),
  ],
]);
