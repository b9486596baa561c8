// Fills the disk for a while.
import { test } from '@jest/globals';
import { diskFull } from './scenarios/disk-full.ts';
import { expectGuaranteesMet } from './short-form.ts';

test('a full disk causes rejected callbacks, loses no message, and the bot recovers when space is free', () =>
  expectGuaranteesMet(diskFull, 'sqlite'));
