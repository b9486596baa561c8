// Implements DingTalk's robot signature, and the encryption and signature of event callbacks.
// Events: https://github.com/open-dingtalk/DingTalk-Callback-Crypto (read 2026-11).
import { createCipheriv, createDecipheriv, createHash, createHmac, randomBytes } from 'node:crypto';

/** DingTalk pads to 32 bytes instead of 16. OpenSSL rejects pads above 16, so padding is implemented here. */
const BLOCK = 32;
const RANDOM_BYTES = 16;
const LENGTH_BYTES = 4;

/**
 * Computes `sign` of a robot callback and of a custom robot's webhook: base64 HMAC-SHA256 with the secret as key over
 * `timestamp\nsecret`, with the timestamp in milliseconds. It does not cover the body
 * (https://open.dingtalk.com/document/orgapp/receive-message, read 2026-11).
 */
export function robotSign(secret: string, timestampMs: string | number): string {
  return createHmac('sha256', secret).update(`${timestampMs}\n${secret}`, 'utf8').digest('base64');
}

export interface EventKeys {
  token: string;
  /** 43 characters: base64 of 32 bytes without its `=`. */
  aesKey: string;
  /** The app key of an internal app. */
  ownerKey: string;
}

/** Computes the signature of an event callback and of its response: hex SHA-1 over the four values in byte order. */
export function eventSignature(token: string, timestamp: string, nonce: string, encrypt: string): string {
  return createHash('sha1').update([token, timestamp, nonce, encrypt].sort().join(''), 'ascii').digest('hex');
}

/** Decrypts the message in `encrypt`. Throws if key, padding, length or owner key is wrong. */
export function decryptEvent({ aesKey, ownerKey }: EventKeys, encrypt: string): string {
  const key = decodeAesKey(aesKey);
  const decipher = createDecipheriv('aes-256-cbc', key, key.subarray(0, 16)).setAutoPadding(false);
  const padded = Buffer.concat([decipher.update(Buffer.from(encrypt, 'base64')), decipher.final()]);
  const pad = padded.at(-1) ?? 0;
  if (pad < 1 || pad > BLOCK || pad > padded.length) throw new Error('The padding is not between 1 and 32.');
  const plain = padded.subarray(0, padded.length - pad);
  const start = RANDOM_BYTES + LENGTH_BYTES;
  if (plain.length < start) throw new Error('The text is too short to hold a length.');
  const length = plain.readUInt32BE(RANDOM_BYTES);
  // The length must be checked first, because a wrong key yields any number up to 4 GB.
  if (length > plain.length - start) throw new Error('The length is larger than the text.');
  const owner = plain.subarray(start + length).toString('utf8');
  if (owner !== ownerKey) throw new Error('The text belongs to another owner key.');
  return plain.subarray(start, start + length).toString('utf8');
}

/** Encrypts a message for `decryptEvent`. Only tests pass `random`, which has 16 bytes. */
export function encryptEvent({ aesKey, ownerKey }: EventKeys, message: string, random = randomBytes(16)): string {
  const key = decodeAesKey(aesKey);
  const text = Buffer.from(message, 'utf8');
  const length = Buffer.alloc(LENGTH_BYTES);
  length.writeUInt32BE(text.length);
  const plain = Buffer.concat([random, length, text, Buffer.from(ownerKey, 'utf8')]);
  const pad = BLOCK - (plain.length % BLOCK);
  const cipher = createCipheriv('aes-256-cbc', key, key.subarray(0, 16)).setAutoPadding(false);
  return Buffer.concat([cipher.update(plain), cipher.update(Buffer.alloc(pad, pad)), cipher.final()]).toString(
    'base64',
  );
}

function decodeAesKey(aesKey: string): Buffer {
  if (aesKey.length !== 43) throw new Error(`The AES key has ${aesKey.length} characters instead of 43.`);
  return Buffer.from(`${aesKey}=`, 'base64');
}
