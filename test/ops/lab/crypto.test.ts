// Checks the lab's own crypto against known answers.
import { createRequire } from 'node:module';
import { describe, expect, test } from '@jest/globals';
import { callbackSignature, decryptEvent, encryptEvent, robotSign } from '../../../ops/lab/dingtalk/crypto.ts';
import { customBotSign, decrypt, encrypt, eventSignature } from '../../../ops/lab/feishu/crypto.ts';

const { feishu, dingtalk }: typeof import('../../vectors.json') = createRequire(import.meta.url)('../../vectors.json');

describe('Feishu', () => {
  test.each(feishu.aes_256_cbc)('encrypts and decrypts: $name', (vector) => {
    const iv = Buffer.from(vector.iv_hex, 'hex');
    expect(encrypt(vector.plaintext, vector.encrypt_key, iv)).toBe(vector.encrypt_base64);
    expect(decrypt(vector.encrypt_base64, vector.encrypt_key)).toBe(vector.plaintext);
  });

  test.each(feishu.aes_negative)('fails to decrypt: $name', (vector) => {
    expect(() => decrypt(vector.encrypt_base64, vector.encrypt_key)).toThrow();
  });

  test.each(feishu.event_signature_sha256)('signs: $name', (vector) => {
    const { timestamp, nonce, encrypt_key: encryptKey, raw_body } = vector;
    const signature = eventSignature({ timestamp, nonce, encryptKey, body: Buffer.from(raw_body) });
    expect(signature).toBe(vector.expected_signature_hex);
  });

  test.each(feishu.event_signature_negative)('does not sign like: $name', ({ headers, encrypt_key, raw_body }) => {
    const timestamp = headers['x-lark-request-timestamp'];
    const nonce = headers['x-lark-request-nonce'];
    const signature = eventSignature({ timestamp, nonce, encryptKey: encrypt_key, body: Buffer.from(raw_body) });
    expect(signature).not.toBe(headers['x-lark-signature']);
  });

  test.each(feishu.custom_bot_sign)('signs for the custom bot: $timestamp_seconds $secret', (vector) => {
    const sign = customBotSign(vector.timestamp_seconds, vector.secret);
    expect(sign).toBe(vector.expected_sign_base64);
    expect(sign).not.toBe(vector.wrong_dingtalk_style_sign);
  });
});

describe('DingTalk', () => {
  test.each(dingtalk.robot_sign)('signs robot messages: $timestamp_ms', (vector) => {
    const sign = robotSign(vector.timestamp_ms, vector.secret);
    expect(sign).toBe(vector.callback_header_sign);
    expect(new URLSearchParams({ sign }).toString()).toBe(`sign=${vector.webhook_query_sign_urlencoded}`);
    expect(sign).not.toBe(vector.wrong_feishu_style_sign);
  });

  test.each(dingtalk.callback_crypto)('signs and decrypts: $name', (vector) => {
    const { token, timestamp, nonce, encrypt } = vector;
    expect(callbackSignature({ token, timestamp, nonce, encrypt })).toBe(vector.signature);
    expect(decryptEvent(encrypt, vector.aes_key, vector.owner_key)).toBe(vector.plaintext);
  });

  test.each(dingtalk.callback_crypto.filter((vector) => 'random16' in vector))('encrypts: $name', (vector) => {
    const random = Buffer.from(String(vector.random16));
    expect(encryptEvent(vector.plaintext, vector.aes_key, vector.owner_key, random)).toBe(vector.encrypt);
  });

  test.each(dingtalk.callback_crypto_negative)('rejects: $name', (vector) => {
    const { token, timestamp, nonce, encrypt } = vector;
    const open = () => {
      const signature = callbackSignature({ token, timestamp, nonce, encrypt });
      if (signature !== vector.signature) throw new Error('wrong signature');
      return decryptEvent(encrypt, vector.aes_key, vector.owner_key);
    };
    expect(open).toThrow(/wrong signature|Wrong owner key|43 letters/);
  });

  test('rejects a text encrypted with another key, and a damaged text', () => {
    const [first, second] = dingtalk.callback_crypto;
    expect(() => decryptEvent(first?.encrypt ?? '', second?.aes_key ?? '', '')).toThrow();
    expect(() => decryptEvent('AAAA', first?.aes_key ?? '', '')).toThrow();
  });
});
