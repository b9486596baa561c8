// Implements Feishu's event encryption, event signature, legacy card signature and custom bot signature.
// Events: https://open.feishu.cn/document/ukTMukTMukTM/uYDNxYjL2QTM24iN0EjN/event-subscription-configure-/encrypt-key-encryption-configuration-case
// Custom bots: https://open.feishu.cn/document/ukTMukTMukTM/ucTM5YjL3ETO24yNxkjN (both read 2026-11).
import { createDecipheriv, createHash, createHmac, hash } from 'node:crypto';

/**
 * Decrypts the `encrypt` field of an event: AES-256-CBC, key = SHA-256 of the Encrypt Key, IV = first 16 bytes.
 * Throws if the key is wrong. About 1 wrong key in 256 yields garbage instead, so the caller parses the text as JSON.
 */
export function decryptEvent(encryptKey: string, encrypt: string): string {
  const key = aesKeyOf(encryptKey);
  const blob = Buffer.from(encrypt, 'base64');
  const decipher = createDecipheriv('aes-256-cbc', key, blob.subarray(0, 16));
  return Buffer.concat([decipher.update(blob.subarray(16)), decipher.final()]).toString('utf8');
}

const aesKeys = new Map<string, Buffer>();

/** Returns the AES key of an Encrypt Key. The cache is small, because Encrypt Keys come from the settings. */
function aesKeyOf(encryptKey: string): Buffer {
  const cached = aesKeys.get(encryptKey);
  if (cached !== undefined) return cached;
  const key = hash('sha256', encryptKey, 'buffer');
  aesKeys.set(encryptKey, key);
  return key;
}

export interface SignedParts {
  timestamp: string;
  nonce: string;
  rawBody: Buffer;
}

/** Computes `X-Lark-Signature` of an event: hex SHA-256 over timestamp, nonce, Encrypt Key and raw body, no HMAC. */
export function eventSignature(encryptKey: string, { timestamp, nonce, rawBody }: SignedParts): string {
  return createHash('sha256').update(`${timestamp}${nonce}${encryptKey}`, 'utf8').update(rawBody).digest('hex');
}

/** Computes the signature of an old-style card callback: hex SHA-1 with the Verification Token as the key. */
export function legacyCardSignature(verificationToken: string, { timestamp, nonce, rawBody }: SignedParts): string {
  return createHash('sha1').update(`${timestamp}${nonce}${verificationToken}`, 'utf8').update(rawBody).digest('hex');
}

/**
 * Computes the signature of a custom group bot. Timestamp and secret form the HMAC *key*, and the message is empty.
 * DingTalk uses the secret as the key and the text as the message.
 */
export function customBotSign(secret: string, timestampSeconds: number): string {
  return createHmac('sha256', `${timestampSeconds}\n${secret}`).update('').digest('base64');
}
