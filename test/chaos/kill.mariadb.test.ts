// The bot is killed at random moments, with MariaDB.
import { test } from '@jest/globals';
import { kill } from './scenarios/kill.ts';
import { expectPromisesKept } from './short-form.ts';

test('kills lose nothing and repeat nothing', () => expectPromisesKept(kill, 'mariadb'));
