// Sends damaged requests to both callback routes of a whole bot. `make fuzz` sends many more.
import { expect, test } from '@jest/globals';
import { fuzz } from './fuzz.ts';

const MIB = 1024 * 1024;

test('answers 3,000 damaged requests without 5xx, hang or memory growth, then genuine messages', async () => {
  const report = await fuzz({ requests: 3_000, seed: 20_261_122 });
  expect(report.findings).toEqual([]);
  expect(report.errors).toEqual([]);
  expect(report.answered).toBe(true);
  expect(report.rssAtEnd - report.rssAfterWarmUp).toBeLessThan(48 * MIB);
  // The damage reaches every kind of result, not only the HTTP parser.
  expect(Object.keys(report.statuses)).toEqual(
    expect.arrayContaining(['200', '400', '401', '403', '404', '413', '415']),
  );
});
