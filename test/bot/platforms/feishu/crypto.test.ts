// Feishu's algorithms against known-answer vectors and the platform's own SDK.
import { createHash } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { AESCipher, generateChallenge } from '@larksuiteoapi/node-sdk';
import fc from 'fast-check';
import { feishuBody } from '../../../../bot/platforms/feishu/alert-receiver.ts';
import {
  customBotSign,
  decryptEvent,
  eventSignature,
  legacyCardSignature,
} from '../../../../bot/platforms/feishu/crypto.ts';
import { receiveFeishu } from '../../../../bot/platforms/feishu/inbound/receive.ts';
import { encrypt } from '../../../../ops/lab/feishu/crypto.ts';
import allVectors from '../../../vectors.json' with { type: 'json' };
import { createRandom } from '../random.ts';
import { requestOf } from '../request.ts';
import { acceptedEvent, acceptsCard } from './official-sdk.ts';

const vectors = allVectors.feishu;
/** Time of the signatures in the vectors, in seconds. A signature expires after some hours. */
const SIGNED_AT = 1_609_073_151;
const requestAt = (given: Parameters<typeof requestOf>[0]) => requestOf({ now: SIGNED_AT * 1000, ...given });
const app = {
  appId: 'cli_9f5343c580712544',
  appSecret: 'secret',
  encryptKey: 'kudryavka-encrypt-key',
  verificationToken: 'verify-token-0123456789',
};

/** Tests for each key of the vectors. The compiler and a test check that no key is missing. */
const suites: Record<keyof typeof vectors, () => void> = {
  aes_256_cbc() {
    test.each(vectors.aes_256_cbc)('$name', (vector) => {
      const key = createHash('sha256').update(vector.encrypt_key).digest('hex');
      expect(key).toBe(vector.derived_key_hex);
      expect(decryptEvent(vector.encrypt_key, vector.encrypt_base64)).toBe(vector.plaintext);
    });
  },

  aes_negative() {
    test.each(vectors.aes_negative)('$name', ({ encrypt_key, encrypt_base64, sdk_result }) => {
      expect(() => decryptEvent(encrypt_key, encrypt_base64)).toThrow(
        expect.objectContaining({ code: sdk_result.throws }),
      );
      const own = { ...app, encryptKey: encrypt_key };
      const rawBody = Buffer.from(JSON.stringify({ encrypt: encrypt_base64 }));
      expect(receiveFeishu([own], requestOf({ rawBody }))).toEqual({ kind: 'rejected', reason: 'decrypt_failed' });
      const parts = { timestamp: String(SIGNED_AT), nonce: 'n', rawBody };
      const headers = headersOf(parts.timestamp, parts.nonce, eventSignature(encrypt_key, parts));
      expect(receiveFeishu([own], requestAt({ rawBody, headers }))).toEqual({
        kind: 'rejected',
        reason: 'decrypt_failed',
      });
    });
  },

  event_signature_sha256() {
    test.each(vectors.event_signature_sha256)('$name', async (vector) => {
      const { timestamp, nonce, raw_body, expected_signature_hex: signature } = vector;
      const rawBody = Buffer.from(raw_body);
      expect(eventSignature(vector.encrypt_key, { timestamp, nonce, rawBody })).toBe(signature);
      for (const sent of [signature, signature.toUpperCase()]) {
        const result = receiveFeishu([app], requestAt({ rawBody, headers: headersOf(timestamp, nonce, sent) }));
        expect(result).toMatchObject({ kind: 'message', message: { appId: app.appId, text: expect.any(String) } });
      }
      const accepted = await acceptedEvent(app.encryptKey, { timestamp, nonce, signature, rawBody: raw_body });
      expect(accepted !== undefined).toBe(vector.node_sdk_accepts);
    });
  },

  event_signature_negative() {
    test.each(vectors.event_signature_negative)('$name', ({ headers, raw_body }) => {
      const result = receiveFeishu([app], requestOf({ rawBody: Buffer.from(raw_body), headers }));
      expect(result).toEqual({ kind: 'rejected', reason: 'signature_mismatch' });
    });
  },

  challenge() {
    test.each(vectors.challenge)(
      'with Encrypt Key $encrypt_key',
      ({ request_body, encrypt_key, expected_response }) => {
        const { encryptKey: _, ...plain } = app;
        const own = encrypt_key === null ? plain : { ...plain, encryptKey: encrypt_key };
        expect(receiveFeishu([own], requestOf({ body: request_body }))).toEqual({
          kind: 'challenge',
          reason: 'url_verification',
          appId: app.appId,
          body: expected_response,
        });
        expect(generateChallenge(request_body, { encryptKey: encrypt_key ?? '' }).challenge).toEqual(expected_response);
      },
    );
  },

  legacy_card_callback_signature_sha1() {
    test.each(vectors.legacy_card_callback_signature_sha1)('nonce $nonce', async (vector) => {
      const { timestamp, nonce, raw_body, expected_signature_hex: signature } = vector;
      const rawBody = Buffer.from(raw_body);
      expect(legacyCardSignature(vector.verification_token, { timestamp, nonce, rawBody })).toBe(signature);
      expect(await acceptsCard(vector.verification_token, { timestamp, nonce, signature, rawBody: raw_body })).toBe(
        true,
      );
      const result = receiveFeishu([app], requestAt({ rawBody, headers: headersOf(timestamp, nonce, signature) }));
      expect(result).toEqual({ kind: 'ignored', reason: 'unknown_event_type', appId: app.appId, body: {} });
      const tampered = Buffer.from(raw_body.replace('"v"', '"w"'));
      const forged = requestAt({ rawBody: tampered, headers: headersOf(timestamp, nonce, signature) });
      expect(receiveFeishu([app], forged)).toEqual({ kind: 'rejected', reason: 'signature_mismatch' });
    });
  },

  custom_bot_sign() {
    test.each(vectors.custom_bot_sign)('$secret at $timestamp_seconds', (vector) => {
      expect(customBotSign(vector.secret, Number(vector.timestamp_seconds))).toBe(vector.expected_sign_base64);
    });
  },

  custom_bot_request() {
    test.each(vectors.custom_bot_request)('$secret at $timestamp_seconds', (vector) => {
      // The last millisecond of the second, because Feishu expects seconds rounded down.
      const clock = () => Number(vector.timestamp_seconds) * 1000 + 999;
      expect(feishuBody({ secret: vector.secret, clock }, vector.json_body.content.text)).toEqual(vector.json_body);
    });
  },
};

for (const [name, suite] of Object.entries(suites)) describe(name, suite);

test('each set of vectors has tests', () => {
  expect(Object.keys(suites).sort()).toEqual(Object.keys(vectors).sort());
});

describe('the official SDK with random keys and texts', () => {
  const random = createRandom(11);
  const rounds = Array.from({ length: 40 }, (_, round) => ({
    round,
    key: random.text(1 + random.int(40)).replaceAll('\u0000', '-'),
    text: random.text(random.int(200)),
  }));

  test.each(rounds)('decrypts to the same text ($round)', ({ key, text }) => {
    const cipher = encrypt(text, key, random.bytes(16));
    expect(decryptEvent(key, cipher)).toBe(text);
    expect(decryptEvent(key, cipher)).toBe(new AESCipher(key).decrypt(cipher));
  });

  test.each(rounds)('accepts our signature ($round)', async ({ key, text }) => {
    const event = { schema: '2.0', header: { event_type: 'im.message.receive_v1' }, event: { text } };
    const rawBody = JSON.stringify({ encrypt: encrypt(JSON.stringify(event), key, random.bytes(16)) });
    const parts = { timestamp: String(1_700_000_000 + random.int(1000)), nonce: random.bytes(6).toString('hex') };
    const signature = eventSignature(key, { ...parts, rawBody: Buffer.from(rawBody) });
    expect(await acceptedEvent(key, { ...parts, signature, rawBody })).toMatchObject({ text });
    expect(await acceptedEvent(key, { ...parts, nonce: 'other', signature, rawBody })).toBeUndefined();
  });
});

function headersOf(timestamp: string, nonce: string, signature: string): Record<string, string> {
  return {
    'x-lark-request-timestamp': timestamp,
    'x-lark-request-nonce': nonce,
    'x-lark-signature': signature,
  };
}

describe('any key and any text', () => {
  const key = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 64 });
  const text = fc.string({ unit: 'grapheme', maxLength: 300 });
  const at = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

  /** Returns a copy of the bytes with one flipped bit. */
  function tampered(bytes: Buffer, where: number, bit: number): Buffer {
    const copy = Buffer.from(bytes);
    const index = Math.floor(where * copy.length);
    copy.writeUInt8(copy.readUInt8(index) ^ (1 << bit), index);
    return copy;
  }

  test('are unchanged after encryption and decryption', () => {
    fc.assert(
      fc.property(key, text, (secret, plain) => expect(decryptEvent(secret, encrypt(plain, secret))).toBe(plain)),
    );
  });

  test('a signature is rejected for a body with a flipped bit and for another key', () => {
    fc.assert(
      fc.property(key, key, text, at, fc.nat(7), (secret, other, plain, where, bit) => {
        const rawBody = Buffer.from(JSON.stringify({ encrypt: encrypt(plain, secret) }));
        const parts = { timestamp: String(SIGNED_AT), nonce: 'n', rawBody };
        const headers = headersOf(parts.timestamp, parts.nonce, eventSignature(secret, parts));
        const verify = (encryptKey: string, body: Buffer) =>
          receiveFeishu([{ ...app, encryptKey }], requestAt({ rawBody: body, headers }));
        const rejection = { kind: 'rejected', reason: 'signature_mismatch' };
        expect(verify(secret, tampered(rawBody, where, bit))).toEqual(rejection);
        if (other !== secret) expect(verify(other, rawBody)).toEqual(rejection);
      }),
    );
  });
});
