// Steps the clock of the bot.
import { test } from '@jest/globals';
import { clock } from './scenarios/clock.ts';
import { expectGuaranteesMet } from './short-form.ts';

test('a stepped clock loses no message and repeats no answer', () => expectGuaranteesMet(clock, 'sqlite'));
