// Checks the head of a DingTalk callback before its body is read: the whole proof of a robot message is there.

import { type CallbackHead, type RejectedReason, type Screening, SIGNED_BODY_BYTES } from '../../../domain/callback.ts';
import { equalSecrets } from '../../shared/compare.ts';
import { isWithinWindow, readTimestamp } from '../../shared/time-window.ts';
import type { DingtalkApp } from '../app.ts';
import { robotSign } from '../crypto.ts';

/**
 * A robot callback is valid for one hour around its timestamp
 * (https://open.dingtalk.com/document/orgapp/receive-message).
 */
const ROBOT_WINDOW_MS = 3_600_000;

/** The app that signed a robot message, and the signature. */
export interface RobotProof {
  app: DingtalkApp;
  sign: string;
  /** Milliseconds since 1970. */
  signedAt: number;
}

/** What signs an event, in the query of its URL; the platform sends each value under two names. */
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

/** Events are signed in the query, robot messages in two headers. */
export function isEvent({ query }: CallbackHead): boolean {
  return signatureIn(query) !== undefined;
}

function signatureIn(query: CallbackHead['query']): string | undefined {
  return query.signature ?? query.msg_signature;
}

/** The signature of an event covers its body: the head can only rule out. */
export function proofOfEvent({ query }: CallbackHead): EventProof | Rejection {
  const signature = signatureIn(query);
  const timestamp = query.timestamp ?? query.timeStamp;
  const { nonce } = query;
  if (!signature || !timestamp || !nonce) return { reason: 'missing_signature' };
  return { signature, timestamp, nonce };
}

/** `now` in milliseconds since 1970. */
export function isFresh({ timestamp }: EventProof, now: number): boolean {
  return isWithinWindow(readTimestamp(timestamp, 'milliseconds'), now);
}

/** The signature covers the time and not the body. */
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
