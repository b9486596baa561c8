// Commands run beside the bot, on the same SQLite file.
import { test } from '@jest/globals';
import { commands } from './scenarios/commands.ts';
import { expectPromisesKept } from './short-form.ts';

test('commands beside the bot make it reject and lose nothing', () => expectPromisesKept(commands, 'sqlite'));
