// The model is away.
import { test } from '@jest/globals';
import { modelDown } from './scenarios/model-down.ts';
import { expectPromisesKept } from './short-form.ts';

test('without a model every message gets an answer or an apology', () => expectPromisesKept(modelDown, 'sqlite'));
