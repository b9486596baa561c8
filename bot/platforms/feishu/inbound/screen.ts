// Checks the headers of a Feishu callback before its body is read.
import {
  type CallbackHead,
  type RejectedReason,
  type Screening,
  SIGNED_BODY_BYTES,
  UNSIGNED_BODY_BYTES,
} from '../../../domain/callback.ts';
import { isWithinWindow, readTimestamp } from '../../shared/time-window.ts';
import type { FeishuApp } from '../app.ts';

/** Maximum body in bytes if an app has only a Verification Token, because its events carry no signature. */
export const TOKEN_ONLY_BODY_BYTES = 65_536;

/** Number of hexadecimal digits of SHA-256. */
const EVENT_SIGNATURE_LENGTH = 64;
/** Number of hexadecimal digits of SHA-1. */
const CARD_SIGNATURE_LENGTH = 40;

/** A signature from the headers, not verified yet. */
export interface FeishuSignature {
  /** Type of the signed request: an event, or an old-style card callback. */
  of: 'event' | 'card';
  /** Hexadecimal digits in lower case. */
  hex: string;
  timestamp: string;
  nonce: string;
}

/** Rejects a callback by its headers. The headers alone prove nothing, because the signature covers the body. */
export function screenFeishu(apps: readonly FeishuApp[], head: CallbackHead): Screening {
  const signature = signatureIn(head);
  if (signature === undefined) {
    const signsEverything = apps.every(({ encryptKey }) => encryptKey !== undefined);
    return { maxBytes: signsEverything ? UNSIGNED_BODY_BYTES : TOKEN_ONLY_BODY_BYTES, proven: false };
  }
  if ('reason' in signature) return signature;
  if (!isFresh(signature, head.now)) return { reason: 'stale_timestamp' };
  return { maxBytes: signature.of === 'event' ? SIGNED_BODY_BYTES : UNSIGNED_BODY_BYTES, proven: false };
}

/**
 * Returns the signature of the headers. Returns undefined if there is none: for the address check, and for each event
 * of an app without an Encrypt Key.
 */
export function signatureIn({ headers }: CallbackHead): FeishuSignature | { reason: RejectedReason } | undefined {
  const hex = headers['x-lark-signature']?.toLowerCase();
  if (hex === undefined) return undefined;
  const [timestamp, nonce] = [headers['x-lark-request-timestamp'], headers['x-lark-request-nonce']];
  if (timestamp === undefined || nonce === undefined) return { reason: 'missing_signature' };
  if (hex.length === EVENT_SIGNATURE_LENGTH) return { of: 'event', hex, timestamp, nonce };
  if (hex.length === CARD_SIGNATURE_LENGTH) return { of: 'card', hex, timestamp, nonce };
  return { reason: 'signature_mismatch' };
}

/** Returns true if the timestamp is accepted. `now` is in milliseconds since 1970, the header in seconds. */
export function isFresh({ timestamp }: FeishuSignature, now: number): boolean {
  return isWithinWindow(readTimestamp(timestamp, 'seconds'), now);
}
