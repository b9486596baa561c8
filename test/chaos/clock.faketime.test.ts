// The clock of the bot is stepped.
import { test } from '@jest/globals';
import { clock } from './scenarios/clock.ts';
import { expectPromisesKept, SHORT_FORM_TIMEOUT_MS } from './short-form.ts';

test(
  'a stepped clock loses nothing and repeats nothing',
  () => expectPromisesKept(clock, 'sqlite'),
  SHORT_FORM_TIMEOUT_MS,
);
