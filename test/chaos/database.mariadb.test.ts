// MariaDB is killed under load.
import { test } from '@jest/globals';
import { database } from './scenarios/database.ts';
import { expectPromisesKept, SHORT_FORM_TIMEOUT_MS } from './short-form.ts';

test(
  'a restart of the database loses nothing and repeats nothing',
  () => expectPromisesKept(database, 'mariadb'),
  SHORT_FORM_TIMEOUT_MS,
);
