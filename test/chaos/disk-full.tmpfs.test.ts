// The disk is full for a while.
import { test } from '@jest/globals';
import { diskFull } from './scenarios/disk-full.ts';
import { expectPromisesKept } from './short-form.ts';

test('a full disk refuses callbacks, loses nothing, and is forgotten when there is room', () =>
  expectPromisesKept(diskFull, 'sqlite'));
