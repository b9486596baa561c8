// Trace ids are new each time; hashed ids are stable under one key and tell nothing without it.
import { expect, test } from '@jest/globals';
import { hashId, newTraceId } from '../../../bot/telemetry/ids.ts';

test('trace ids', () => {
  const ids = Array.from({ length: 100 }, newTraceId);
  for (const id of ids) expect(id).toMatch(/^[\da-f]{32}$/);
  expect(new Set(ids).size).toBe(100);
});

test('hashed ids', () => {
  expect(hashId('key', 'oc_1')).toBe('2a1137121a4d0749');
  expect(hashId('key', 'oc_1')).not.toBe(hashId('other key', 'oc_1'));
  expect(hashId('key', 'oc_1')).not.toBe(hashId('key', 'oc_2'));
});
