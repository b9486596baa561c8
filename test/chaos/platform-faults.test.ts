// Switches on every fault of both platforms.
import { test } from '@jest/globals';
import { platformFaults } from './scenarios/platform-faults.ts';
import { expectGuaranteesMet } from './short-form.ts';

test('faults of the platforms lose no message and repeat no answer', () =>
  expectGuaranteesMet(platformFaults, 'sqlite'));
