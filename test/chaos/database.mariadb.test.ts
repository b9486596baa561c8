// MariaDB is killed under load.
import { test } from '@jest/globals';
import { database } from './scenarios/database.ts';
import { expectPromisesKept } from './short-form.ts';

test('a restart of the database loses nothing and repeats nothing', () => expectPromisesKept(database, 'mariadb'));
