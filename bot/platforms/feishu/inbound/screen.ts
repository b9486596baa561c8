// Checks the head of a Feishu callback before its body is read.

import {
  type CallbackHead,
  type RejectedReason,
  type Screening,
  SIGNED_BODY_BYTES,
  UNSIGNED_BODY_BYTES,
} from '../../../domain/callback.ts';
import { isWithinWindow, readTimestamp } from '../../shared/time-window.ts';
import type { FeishuApp } from '../app.ts';

/** Maximum body in bytes where an app has only a Verification Token: its events carry no signature at all. */
const TOKEN_ONLY_BODY_BYTES = 65_536;

/** Hex digits of SHA-256. */
const EVENT_SIGNATURE_LENGTH = 64;
/** Hex digits of SHA-1. */
const CARD_SIGNATURE_LENGTH = 40;

/** A signature as it stands in the headers, not verified yet. */
export interface FeishuSignature {
  /** Of an event, or of an old-style card callback. */
  of: 'event' | 'card';
  /** In lower case. */
  hex: string;
  timestamp: string;
  nonce: string;
}

/** The signature covers the body, so the head proves nothing here; it only rules out. */
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

/** Undefined for a request without the header: the address check, and every event of an app without an Encrypt Key. */
export function signatureIn({ headers }: CallbackHead): FeishuSignature | { reason: RejectedReason } | undefined {
  const hex = headers['x-lark-signature']?.toLowerCase();
  if (hex === undefined) return undefined;
  const [timestamp, nonce] = [headers['x-lark-request-timestamp'], headers['x-lark-request-nonce']];
  if (timestamp === undefined || nonce === undefined) return { reason: 'missing_signature' };
  if (hex.length === EVENT_SIGNATURE_LENGTH) return { of: 'event', hex, timestamp, nonce };
  if (hex.length === CARD_SIGNATURE_LENGTH) return { of: 'card', hex, timestamp, nonce };
  return { reason: 'signature_mismatch' };
}

/** `now` in milliseconds since 1970; the header is in seconds. */
export function isFresh({ timestamp }: FeishuSignature, now: number): boolean {
  return isWithinWindow(readTimestamp(timestamp, 'seconds'), now);
}
