// Both platforms fail in every way they have.
import { test } from '@jest/globals';
import { platformFaults } from './scenarios/platform-faults.ts';
import { expectPromisesKept } from './short-form.ts';

test('what the platforms do to a push loses nothing and repeats nothing', () =>
  expectPromisesKept(platformFaults, 'sqlite'));
