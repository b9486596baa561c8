// The bot is killed at random moments, with SQLite.
import { test } from '@jest/globals';
import { kill } from './scenarios/kill.ts';
import { expectPromisesKept, SHORT_FORM_TIMEOUT_MS } from './short-form.ts';

test('kills lose nothing and repeat nothing', () => expectPromisesKept(kill, 'sqlite'), SHORT_FORM_TIMEOUT_MS);
