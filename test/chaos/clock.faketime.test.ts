// The clock of the bot is stepped.
import { test } from '@jest/globals';
import { clock } from './scenarios/clock.ts';
import { expectPromisesKept } from './short-form.ts';

test('a stepped clock loses nothing and repeats nothing', () => expectPromisesKept(clock, 'sqlite'));
