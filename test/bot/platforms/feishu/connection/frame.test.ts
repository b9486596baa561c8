// Encoding and decoding of Feishu's frames, also against the lab's own implementation, and rejection of damaged frames.
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createFragments } from '../../../../../bot/platforms/feishu/connection/fragments.ts';
import { decodeFrame, encodeFrame, type FeishuFrame } from '../../../../../bot/platforms/feishu/connection/frame.ts';
import { readFrame, writeFrame } from '../../../../../ops/lab/feishu/long-connection/frame.ts';

const uint64 = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
const int32 = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
const text = fc.string({ unit: 'grapheme', maxLength: 200 });
const bytes = fc.uint8Array({ maxLength: 300 }).map((array) => Buffer.from(array));
const frames: fc.Arbitrary<FeishuFrame> = fc.record({
  seqId: uint64,
  logId: uint64,
  service: int32,
  method: fc.constantFrom(0, 1),
  headers: fc.array(fc.tuple(text, text), { maxLength: 8 }),
  payloadEncoding: fc.option(text, { nil: undefined }),
  payloadType: fc.option(text, { nil: undefined }),
  payload: fc.option(bytes, { nil: undefined }),
  logIdNew: fc.option(text, { nil: undefined }),
});

test('decodes an encoded frame to the same fields', () => {
  fc.assert(fc.property(frames, (frame) => expect(decodeFrame(encodeFrame(frame))).toEqual(frame)));
});

test('is compatible with the lab’s own implementation in both directions', () => {
  const headers: FeishuFrame['headers'] = [
    ['type', 'event'],
    ['message_id', '世界 🎉'],
  ];
  const frame = { seqId: 2n ** 63n + 1n, logId: 300n, service: 33_554_678, method: 1, headers };
  const payload = Buffer.from('{"a":1}');
  const read = readFrame(encodeFrame({ ...frame, payload }));
  expect(read).toEqual({
    SeqID: frame.seqId,
    LogID: frame.logId,
    service: frame.service,
    method: 1,
    headers: Object.fromEntries(headers),
    payload,
  });
  expect(read && decodeFrame(writeFrame(read))).toEqual({ ...frame, payload });
});

test('decodes any bytes to a frame or throws a RangeError', () => {
  const isRangeError = (error: unknown) => error instanceof RangeError;
  fc.assert(
    fc.property(
      fc.oneof(
        bytes,
        fc.tuple(frames, fc.nat()).map(([frame, at]) => cut(frame, at)),
      ),
      (given) => {
        try {
          decodeFrame(given);
        } catch (error) {
          expect(isRangeError(error)).toBe(true);
        }
      },
    ),
  );
});

function cut(frame: FeishuFrame, at: number): Buffer {
  const complete = encodeFrame(frame);
  return complete.subarray(0, at % (complete.length + 1));
}

describe('fragments', () => {
  const part = (seq: number, payload: string, messageId = 'm', sum = 3) =>
    ({ messageId, sum, seq, payload: Buffer.from(payload) }) as const;

  test('are joined once, in any order', () => {
    const join = createFragments(() => 0);
    expect([join(part(2, 'c')), join(part(0, 'a')), join(part(0, 'a'))]).toEqual([undefined, undefined, undefined]);
    expect(join(part(1, 'b'))?.toString()).toBe('abc');
    expect(join(part(1, 'b'))).toBeUndefined();
  });

  test('expire after ten seconds', () => {
    let now = 0;
    const join = createFragments(() => now);
    join(part(0, 'a'));
    join(part(1, 'b'));
    now = 10_001;
    expect(join(part(2, 'c'))).toBeUndefined();
  });

  test.each([
    [3, 3],
    [0, 0],
    [-1, 2],
    [0, 101],
    [Number.NaN, 1],
    [0, Number.NaN],
    [0.5, 2],
  ])('part %s of %s is rejected', (seq, sum) => {
    expect(() => createFragments(() => 0)(part(seq, 'x', 'm', sum))).toThrow(RangeError);
  });

  test('of many deliveries at once are bounded', () => {
    const join = createFragments(() => 0);
    for (let id = 0; id < 1_000; id += 1) join(part(0, 'a', String(id)));
    join(part(1, 'b', '0'));
    expect(join(part(2, 'c', '0'))).toBeUndefined();
    join(part(1, 'b', '999'));
    expect(join(part(2, 'c', '999'))?.toString()).toBe('abc');
  });
});
