// Checks headers and query of a DingTalk callback before its body is read. They fully prove a robot message.
import { type CallbackHead, type RejectedReason, type Screening, SIGNED_BODY_BYTES } from '../../../domain/callback.ts';
import { equalSecrets } from '../../shared/compare.ts';
import { isWithinWindow, readTimestamp } from '../../shared/time-window.ts';
import type { DingtalkApp } from '../app.ts';
import { robotSign } from '../crypto.ts';

/**
 * A robot callback is valid for one hour around its timestamp
 * (https://open.dingtalk.com/document/orgapp/receive-message, read 2026-11).
 */
export const ROBOT_WINDOW_MS = 3_600_000;

/** The app that signed a robot message, and the signature. */
export interface RobotProof {
  app: DingtalkApp;
  sign: string;
  /** Milliseconds since 1970. */
  signedAt: number;
}

/**
 * Signature of an event in the query of its URL. DingTalk uses two names for `signature` and `timestamp`
 * (https://github.com/open-dingtalk/DingTalk-Callback-Crypto, read 2026-11).
 */
export interface EventProof {
  signature: string;
  timestamp: string;
  nonce: string;
}

type Rejection = { reason: RejectedReason };

export function screenDingtalk(apps: readonly DingtalkApp[], head: CallbackHead): Screening {
  const proof = isEvent(head) ? proofOfEvent(head) : proofOfRobot(apps, head);
  if ('reason' in proof) return proof;
  if ('app' in proof) return { maxBytes: SIGNED_BODY_BYTES, proven: true };
  if (apps.every(({ token, aesKey }) => token === undefined || aesKey === undefined)) {
    return { reason: 'signature_mismatch' };
  }
  if (!isFresh(proof, head.now)) return { reason: 'stale_timestamp' };
  return { maxBytes: SIGNED_BODY_BYTES, proven: false };
}

/** Returns true for an event, which is signed in the query. Robot messages are signed in two headers. */
export function isEvent({ query }: CallbackHead): boolean {
  return signatureIn(query) !== undefined;
}

function signatureIn(query: CallbackHead['query']): string | undefined {
  return query.signature ?? query.msg_signature;
}

/** Returns the signature of an event, not verified yet, because it covers the body. */
export function proofOfEvent({ query }: CallbackHead): EventProof | Rejection {
  const signature = signatureIn(query);
  const timestamp = query.timestamp ?? query.timeStamp;
  const { nonce } = query;
  if (!signature || !timestamp || !nonce) return { reason: 'missing_signature' };
  return { signature, timestamp, nonce };
}

/** Returns true if the timestamp is accepted. `now` is in milliseconds since 1970. */
export function isFresh({ timestamp }: EventProof, now: number): boolean {
  return isWithinWindow(readTimestamp(timestamp, 'milliseconds'), now);
}

/** Verifies a robot message by its headers. The signature covers the timestamp, but not the body. */
export function proofOfRobot(apps: readonly DingtalkApp[], { headers, now }: CallbackHead): RobotProof | Rejection {
  const { timestamp, sign } = headers;
  if (!timestamp || !sign) return { reason: 'missing_signature' };
  const app = apps.find((candidate) => equalSecrets(robotSign(candidate.appSecret, timestamp), sign));
  if (!app) return { reason: 'signature_mismatch' };
  const signedAt = readTimestamp(timestamp, 'milliseconds');
  // A timestamp in seconds is far in the past; NaN is never within the window.
  if (!(Math.abs(now - signedAt) <= ROBOT_WINDOW_MS)) return { reason: 'stale_timestamp' };
  return { app, sign, signedAt };
}
