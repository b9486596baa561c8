// DingTalk's algorithms against known-answer vectors, and in both directions against the lab's implementation.
import { createCipheriv } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { dingtalkUrl } from '../../../../bot/platforms/dingtalk/alert-receiver.ts';
import { decryptEvent, encryptEvent, eventSignature, robotSign } from '../../../../bot/platforms/dingtalk/crypto.ts';
import { receiveDingtalk } from '../../../../bot/platforms/dingtalk/inbound/receive.ts';
import * as platform from '../../../../ops/lab/dingtalk/crypto.ts';
import allVectors from '../../../vectors.json' with { type: 'json' };
import { requestOf } from '../request.ts';
import { app, robotMessage, signed } from './callbacks.ts';

const vectors = allVectors.dingtalk;

type EventVector = Omit<(typeof vectors.callback_crypto_negative)[number], 'official_java_result'>;

/** Tests for each key of the vectors. The compiler and a test check that no key is missing. */
const suites: Record<keyof typeof vectors, () => void> = {
  robot_sign() {
    test.each(vectors.robot_sign)('$secret at $timestamp_ms', (vector) => {
      expect(robotSign(vector.secret, vector.timestamp_ms)).toBe(vector.callback_header_sign);
      expect(robotSign(vector.secret, Number(vector.timestamp_ms))).toBe(vector.callback_header_sign);
      const clock = () => Number(vector.timestamp_ms);
      const webhook = 'https://oapi.dingtalk.com/robot/send?access_token=t1';
      expect(dingtalkUrl({ url: webhook, secret: vector.secret, clock })).toBe(
        `${webhook}&timestamp=${vector.timestamp_ms}&sign=${vector.webhook_query_sign_urlencoded}`,
      );
    });
  },

  robot_callback_window() {
    test.each(vectors.robot_callback_window)('$timestamp_ms: $expected', ({ now_ms, timestamp_ms, expected }) => {
      const request = { ...signed(robotMessage(), { timestamp: timestamp_ms }), now: now_ms };
      const { kind, ...rest } = receiveDingtalk([app], request);
      if (expected.startsWith('reject'))
        expect({ kind, ...rest }).toEqual({ kind: 'rejected', reason: 'stale_timestamp' });
      else expect(kind).toBe('message');
    });
  },

  callback_crypto() {
    test.each(vectors.callback_crypto)('$name', (vector) => {
      const { token, aes_key: aesKey, owner_key: ownerKey, timestamp, nonce, encrypt, plaintext } = vector;
      const keys = { token, aesKey, ownerKey };
      expect(eventSignature(token, timestamp, nonce, encrypt)).toBe(vector.signature);
      expect(decryptEvent(keys, encrypt)).toBe(plaintext);
      const { random16 } = { random16: undefined, ...vector };
      if (random16 !== undefined) expect(encryptEvent(keys, plaintext, Buffer.from(random16))).toBe(encrypt);
      expect(decryptEvent(keys, encryptEvent(keys, plaintext))).toBe(plaintext);
      expect(receiveVector(vector)).toMatchObject(expectedResult(plaintext, ownerKey));
    });
  },

  callback_crypto_negative() {
    const reasons: Record<string, string> = {
      'signature altered': 'signature_mismatch',
      'nonce altered': 'signature_mismatch',
      'wrong owner key': 'decrypt_failed',
      'aes_key of 32 characters': 'decrypt_failed',
    };
    test.each(vectors.callback_crypto_negative)('$name', (vector) => {
      expect(receiveVector(vector)).toEqual({ kind: 'rejected', reason: reasons[vector.name] });
    });
  },
};

for (const [name, suite] of Object.entries(suites)) describe(name, suite);

test('each set of vectors has tests', () => {
  expect(Object.keys(suites).sort()).toEqual(Object.keys(vectors).sort());
  expect(Object.keys(allVectors).sort()).toEqual(['dingtalk', 'feishu', 'notes']);
});

function receiveVector({ token, aes_key, owner_key, signature, timestamp, nonce, encrypt }: EventVector) {
  const own = { ...app, appKey: owner_key, token, aesKey: aes_key };
  // One official example has a timestamp in seconds, from a response of its author. Callbacks have milliseconds.
  const now = Number(timestamp);
  return receiveDingtalk([own], requestOf({ now, body: { encrypt }, query: { signature, timestamp, nonce } }));
}

/** Returns the expected result. The text `success` is the bot's own response, so it is malformed as an event. */
function expectedResult(plaintext: string, appId: string): object {
  if (plaintext === 'success') return { kind: 'rejected', reason: 'malformed_event' };
  if (plaintext.includes('check_url')) return { kind: 'challenge', reason: 'check_url', appId };
  const known = /"(user|chat)_/.test(plaintext);
  return { kind: 'ignored', reason: known ? 'unused_event_type' : 'unknown_event_type', appId };
}

describe('the lab’s implementation with any keys and texts', () => {
  const letters = (min: number, max: number) =>
    fc.string({ unit: fc.constantFrom(...'ABCXYZabcxyz0189'), minLength: min, maxLength: max });
  const keysOf = fc.record({ token: letters(3, 32), aesKey: letters(43, 43), ownerKey: letters(4, 24) });
  const anyText = fc.string({ unit: 'grapheme', maxLength: 300 });
  const random16 = fc.uint8Array({ minLength: 16, maxLength: 16 });

  test('is compatible in both directions', () => {
    fc.assert(
      fc.property(keysOf, anyText, random16, (keys, text, random) => {
        const { aesKey, ownerKey } = keys;
        expect(platform.decryptEvent(encryptEvent(keys, text), aesKey, ownerKey)).toBe(text);
        const encrypt = platform.encryptEvent(text, aesKey, ownerKey, Buffer.from(random));
        expect(decryptEvent(keys, encrypt)).toBe(text);
        expect(encryptEvent(keys, text, Buffer.from(random))).toBe(encrypt);
      }),
    );
  });

  test('computes the same signature for any order of the parts', () => {
    fc.assert(
      fc.property(
        letters(3, 32),
        letters(1, 20),
        letters(1, 20),
        letters(0, 80),
        (token, timestamp, nonce, encrypt) => {
          const signed = platform.callbackSignature({ token, timestamp, nonce, encrypt });
          expect(eventSignature(token, timestamp, nonce, encrypt)).toBe(signed);
        },
      ),
    );
  });

  test('rejects an event with a changed byte', () => {
    fc.assert(
      fc.property(keysOf, anyText, fc.nat(), fc.integer({ min: 1, max: 255 }), (keys, text, at, change) => {
        const bytes = Buffer.from(encryptEvent(keys, text), 'base64');
        const position = at % bytes.length;
        bytes[position] = (bytes[position] ?? 0) ^ change;
        const changed = bytes.toString('base64');
        const parts = { timestamp: '1', nonce: 'n' };
        const signature = eventSignature(keys.token, parts.timestamp, parts.nonce, encryptEvent(keys, text));
        const own = { ...app, appKey: keys.ownerKey, token: keys.token, aesKey: keys.aesKey };
        const request = requestOf({ body: { encrypt: changed }, query: { ...parts, signature } });
        expect(receiveDingtalk([own], request)).toEqual({ kind: 'rejected', reason: 'signature_mismatch' });
        // Without the signature, decryption yields any text or an error, but never more bytes than the input.
        const read = () => decryptEvent(keys, changed);
        try {
          expect(Buffer.byteLength(read())).toBeLessThan(bytes.length);
        } catch (error) {
          expect(error).toBeInstanceOf(Error);
        }
      }),
    );
  });

  test('decrypts texts of any length around the blocks of 32 bytes', () => {
    const keys = { token: 't', aesKey: 'k'.repeat(43), ownerKey: 'owner' };
    const texts = Array.from({ length: 70 }, (_, length) => 'x'.repeat(length));
    const ciphers = texts.map((text) => encryptEvent(keys, text));
    expect(ciphers.map((cipher) => decryptEvent(keys, cipher))).toEqual(texts);
    expect(ciphers.filter((cipher) => Buffer.from(cipher, 'base64').length % 32 !== 0)).toEqual([]);
  });
});

describe('decryptEvent', () => {
  const keys = { token: 't', aesKey: 'k'.repeat(43), ownerKey: 'owner' };
  const good = Buffer.from(encryptEvent(keys, 'hello'), 'base64');
  /** Encrypts any plain text with the right key. Its length must be a multiple of 16. */
  function encrypted(...parts: (number[] | string)[]): string {
    const key = Buffer.from(`${keys.aesKey}=`, 'base64');
    const cipher = createCipheriv('aes-256-cbc', key, key.subarray(0, 16)).setAutoPadding(false);
    const plain = Buffer.concat(parts.map((part) => Buffer.from(part as string))); // Buffer.from accepts both
    return Buffer.concat([cipher.update(plain), cipher.final()]).toString('base64');
  }
  const random = 'r'.repeat(16);
  const pad = (count: number) => Array.from({ length: count }, () => count);

  test.each([
    ['an empty text', '', 'padding'],
    ['half a block', good.subarray(0, 20).toString('base64'), 'block length'],
    ['a text that is not base64', '%%%', 'padding'],
    ['padding of 0', encrypted(random, [0, 0, 0, 5], 'hello', 'owner', [2, 0]), 'padding'],
    ['padding of 33', encrypted(random, random, random, pad(33).slice(0, 16)), 'padding'],
    ['padding larger than the text', encrypted(pad(32).slice(0, 16)), 'padding'],
    ['a text too short for its length', encrypted(random, [0, 0, 0], pad(13)), 'too short'],
    ['a length of one byte too many', encrypted(random, [0, 0, 0, 11], 'hello', 'owner', pad(2)), 'length is larger'],
    ['a length of 4 GB', encrypted(random, [255, 255, 255, 255], 'hello', 'owner', pad(2)), 'length is larger'],
    ['another owner', encrypted(random, [0, 0, 0, 5], 'hello', 'other', pad(2)), 'another owner'],
    ['a byte behind the owner', encrypted(random, [0, 0, 0, 4], 'hello', 'owner', pad(2)), 'another owner'],
  ])('rejects %s', (_name, encrypt, reason) => {
    expect(() => decryptEvent(keys, encrypt)).toThrow(reason);
  });

  test('decrypts a valid text', () => {
    expect(decryptEvent(keys, encrypted(random, [0, 0, 0, 5], 'hello', 'owner', pad(2)))).toBe('hello');
  });

  test.each(['x'.repeat(43), 'K'.repeat(43)])('rejects the key %s', (aesKey) => {
    expect(() => decryptEvent({ ...keys, aesKey }, good.toString('base64'))).toThrow();
  });
});
