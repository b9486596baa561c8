// Makes the model unavailable.
import { test } from '@jest/globals';
import { modelDown } from './scenarios/model-down.ts';
import { expectGuaranteesMet } from './short-form.ts';

test('replies to every message with an answer or an apology while the model is down', () =>
  expectGuaranteesMet(modelDown, 'sqlite'));
