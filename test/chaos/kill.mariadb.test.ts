// Kills the bot at random moments, with MariaDB.
import { test } from '@jest/globals';
import { kill } from './scenarios/kill.ts';
import { expectGuaranteesMet } from './short-form.ts';

test('kills lose no message and repeat no answer', () => expectGuaranteesMet(kill, 'mariadb'));
