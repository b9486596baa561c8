// Feishu's algorithms: event encryption, event signature, legacy card signature, custom bot signature.
import { createDecipheriv, createHash, createHmac, hash } from 'node:crypto';

/**
 * Decrypts the `encrypt` field of an event: AES-256-CBC, key = SHA-256 of the Encrypt Key, IV = first 16 bytes.
 * Throws when the key is wrong (about 1 wrong key in 256 yields garbage instead: the caller parses it as JSON).
 */
export function decryptEvent(encryptKey: string, encrypt: string): string {
  const key = aesKeyOf(encryptKey);
  const blob = Buffer.from(encrypt, 'base64');
  const decipher = createDecipheriv('aes-256-cbc', key, blob.subarray(0, 16));
  return Buffer.concat([decipher.update(blob.subarray(16)), decipher.final()]).toString('utf8');
}

const aesKeys = new Map<string, Buffer>();

/** Encrypt Keys come from the settings, so there are few. */
function aesKeyOf(encryptKey: string): Buffer {
  const kept = aesKeys.get(encryptKey);
  if (kept !== undefined) return kept;
  const key = hash('sha256', encryptKey, 'buffer');
  aesKeys.set(encryptKey, key);
  return key;
}

export interface SignedParts {
  timestamp: string;
  nonce: string;
  rawBody: Buffer;
}

/** `X-Lark-Signature` of an event: hex SHA-256 over timestamp, nonce, Encrypt Key and the raw body. Not an HMAC. */
export function eventSignature(encryptKey: string, { timestamp, nonce, rawBody }: SignedParts): string {
  return createHash('sha256').update(`${timestamp}${nonce}${encryptKey}`, 'utf8').update(rawBody).digest('hex');
}

/** Signature of an old-style card callback: hex SHA-1 with the Verification Token in place of the Encrypt Key. */
export function legacyCardSignature(verificationToken: string, { timestamp, nonce, rawBody }: SignedParts): string {
  return createHash('sha1').update(`${timestamp}${nonce}${verificationToken}`, 'utf8').update(rawBody).digest('hex');
}

/** Signature of a custom group bot: the text is the HMAC *key* and the message is empty; DingTalk does it the other way. */
export function customBotSign(secret: string, timestampSeconds: number): string {
  return createHmac('sha256', `${timestampSeconds}\n${secret}`).update('').digest('base64');
}
