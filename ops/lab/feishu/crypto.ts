// Feishu's encryption and signatures, as the platform applies them.
import { createCipheriv, createDecipheriv, createHash, createHmac, randomBytes } from 'node:crypto';

/** Encrypts an event: AES-256-CBC, key = SHA-256 of the Encrypt Key, the IV in front, base64. */
export function encrypt(text: string, encryptKey: string, iv: Buffer = randomBytes(16)): string {
  const cipher = createCipheriv('aes-256-cbc', deriveKey(encryptKey), iv);
  return Buffer.concat([iv, cipher.update(text, 'utf8'), cipher.final()]).toString('base64');
}

/**
 * Decrypts an event.
 * @throws Error if the key or the text is wrong
 */
export function decrypt(encrypted: string, encryptKey: string): string {
  const blob = Buffer.from(encrypted, 'base64');
  const decipher = createDecipheriv('aes-256-cbc', deriveKey(encryptKey), blob.subarray(0, 16));
  return Buffer.concat([decipher.update(blob.subarray(16)), decipher.final()]).toString('utf8');
}

/** Returns `X-Lark-Signature`: plain SHA-256 over timestamp, nonce, Encrypt Key and the raw body, lower-case hex. */
export function eventSignature(parts: { timestamp: string; nonce: string; encryptKey: string; body: Buffer }): string {
  const { timestamp, nonce, encryptKey, body } = parts;
  return createHash('sha256').update(`${timestamp}${nonce}${encryptKey}`).update(body).digest('hex');
}

/** Signs for a custom bot: HMAC-SHA256 of an empty text, with `timestamp\nsecret` as the key, base64. */
export function customBotSign(timestampSeconds: string, secret: string): string {
  return createHmac('sha256', `${timestampSeconds}\n${secret}`).digest('base64');
}

function deriveKey(encryptKey: string): Buffer {
  return createHash('sha256').update(encryptKey, 'utf8').digest();
}
