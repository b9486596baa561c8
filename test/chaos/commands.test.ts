// Runs commands beside the bot, on the same SQLite file.
import { test } from '@jest/globals';
import { commands } from './scenarios/commands.ts';
import { expectGuaranteesMet } from './short-form.ts';

test('commands beside the bot cause no rejected callback and lose no message', () =>
  expectGuaranteesMet(commands, 'sqlite'));
