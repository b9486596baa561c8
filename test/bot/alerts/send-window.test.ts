// Tests the delays of a send window with a controlled clock.
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createSendWindow } from '../../../bot/alerts/send-window.ts';

const rates = [
  { messages: 2, perMs: 1_000 },
  { messages: 5, perMs: 10_000 },
];

test('sends within the rate at once, delays further alerts, and rejects one with too long a delay without counting it', () => {
  const time = { now: 0 };
  const window = createSendWindow(rates, () => time.now);
  expect([3_000, 3_000, 3_000, 3_000, 3_000, 3_000].map((longest) => window(longest))).toEqual([
    0,
    0,
    1_000,
    1_000,
    2_000,
    undefined,
  ]);
  time.now = 7_000;
  expect([window(2_999), window(3_000), window(3_000), window(3_000)]).toEqual([undefined, 3_000, 3_000, undefined]);
  time.now = 60_000;
  expect(window(0)).toBe(0);
});

test('never exceeds a rate in any period, and rejects an alert only if its delay is too long', () => {
  const step = fc.record({ pause: fc.integer({ min: 0, max: 4_000 }), longest: fc.integer({ min: 0, max: 12_000 }) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const time = { now: 0 };
      const window = createSendWindow(rates, () => time.now);
      const sent: number[] = [];
      for (const { pause, longest } of steps) {
        time.now += pause;
        const wait = window(longest);
        if (wait !== undefined) sent.push(time.now + wait);
        else expect(rates.some((rate) => (sent.at(-rate.messages) ?? 0) + rate.perMs > time.now + longest)).toBe(true);
      }
      for (const { messages, perMs } of rates) {
        for (const at of sent)
          expect(sent.filter((other) => other >= at && other < at + perMs).length).toBeLessThanOrEqual(messages);
      }
    }),
  );
});
