// DingTalk's signatures and callback encryption, as the platform applies them.
import { createCipheriv, createDecipheriv, createHash, createHmac, randomBytes } from 'node:crypto';

const block = 32;

/** Signs robot callbacks and requests to custom robots: HMAC-SHA256 with the secret as the key, plain base64. */
export function robotSign(timestampMs: string, secret: string): string {
  return createHmac('sha256', secret).update(`${timestampMs}\n${secret}`).digest('base64');
}

/** The four parts that the signature of an event callback covers. */
export interface SignedParts {
  token: string;
  timestamp: string;
  nonce: string;
  encrypt: string;
}

/** Signs event callbacks: SHA-1 over the four parts in byte order, lower-case hex. */
export function callbackSignature({ token, timestamp, nonce, encrypt }: SignedParts): string {
  return createHash('sha1').update([token, timestamp, nonce, encrypt].sort().join('')).digest('hex');
}

/** Encrypts an event: random bytes, big-endian length, text, owner key, padded to blocks of 32 bytes. */
export function encryptEvent(text: string, aesKey: string, ownerKey: string, random = randomBytes(16)): string {
  const message = Buffer.from(text, 'utf8');
  const length = Buffer.alloc(4);
  length.writeUInt32BE(message.length);
  const plain = Buffer.concat([random, length, message, Buffer.from(ownerKey)]);
  const pad = block - (plain.length % block);
  const key = decodeKey(aesKey);
  const cipher = createCipheriv('aes-256-cbc', key, key.subarray(0, 16)).setAutoPadding(false);
  return Buffer.concat([cipher.update(plain), cipher.update(Buffer.alloc(pad, pad)), cipher.final()]).toString(
    'base64',
  );
}

/**
 * Decrypts an event.
 * @throws Error with the reason if the key, the padding, the length or the owner is wrong
 */
export function decryptEvent(encrypted: string, aesKey: string, ownerKey: string): string {
  const key = decodeKey(aesKey);
  const decipher = createDecipheriv('aes-256-cbc', key, key.subarray(0, 16)).setAutoPadding(false);
  const padded = Buffer.concat([decipher.update(Buffer.from(encrypted, 'base64')), decipher.final()]);
  const pad = padded.at(-1) ?? 0;
  if (pad < 1 || pad > block) throw new Error('Wrong padding: the aes key is not the one it was encrypted with.');
  const plain = padded.subarray(16, padded.length - pad);
  const length = plain.length < 4 ? -1 : plain.readUInt32BE();
  if (length < 0 || length > plain.length - 4) throw new Error('Wrong length: the text is damaged.');
  const owner = plain.subarray(4 + length).toString();
  if (owner !== ownerKey) throw new Error('Wrong owner key: the text is for another app or company.');
  return plain.subarray(4, 4 + length).toString('utf8');
}

function decodeKey(aesKey: string): Buffer {
  if (!/^[A-Za-z0-9]{43}$/.test(aesKey)) throw new Error('The aes key must be 43 letters and digits.');
  return Buffer.from(`${aesKey}=`, 'base64');
}
