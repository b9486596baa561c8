// Kills MariaDB under load.
import { test } from '@jest/globals';
import { database } from './scenarios/database.ts';
import { expectGuaranteesMet } from './short-form.ts';

test('a restart of the database loses no message and repeats no answer', () =>
  expectGuaranteesMet(database, 'mariadb'));
