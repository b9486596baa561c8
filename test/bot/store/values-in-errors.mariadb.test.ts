// Values in errors of MariaDB, which quotes them, and of its driver, which adds the statement with its values.
import { mariadbDatabases } from '../../support/databases.ts';
import { describeValuesInErrors, QUOTED_VALUE } from './describe-values-in-errors.ts';
import { inboxRow, sessionRow } from './rows.ts';

const longer = QUOTED_VALUE.repeat(30);

describeValuesInErrors('MariaDB', mariadbDatabases, [
  ['text for a number', (knex) => knex('inbox').insert(inboxRow({ received_at: QUOTED_VALUE }))],
  ['long text for a number', (knex) => knex('inbox').insert(inboxRow({ received_at: longer }))],
  ['text that is too long', (knex) => knex('inbox').insert(inboxRow({ chat_key: longer }))],
  ['a number that is too large', (knex) => knex('inbox').insert(inboxRow({ attempts: 1e12, payload: QUOTED_VALUE }))],
  [
    'text for a time',
    (knex) => knex('session').insert(sessionRow({ started_at: QUOTED_VALUE, last_active_at: QUOTED_VALUE })),
  ],
  [
    'an invalid character',
    (knex) => knex.raw('insert into session (session_key) values (concat(?, 0xfffe))', [QUOTED_VALUE]),
  ],
  [
    'a value out of range',
    (knex) => knex.raw('select cast(9223372036854775807 as signed) + length(?)', [QUOTED_VALUE]),
  ],
  ['a signal', (knex) => knex.raw("signal sqlstate '45000' set message_text = ?", [`'${QUOTED_VALUE}'`])],
  ['a value as LIMIT', (knex) => knex.raw('select * from t limit ?', [QUOTED_VALUE])],
  [
    'an upsert',
    (knex) =>
      knex('session')
        .insert(sessionRow({ session_key: longer, context: QUOTED_VALUE }))
        .onConflict('session_key')
        .merge(),
  ],
]);
