// Verifies a Feishu callback and classifies it as address check, event, or rejection.
// Signature and encryption: https://open.feishu.cn/document/ukTMukTMukTM/uYDNxYjL2QTM24iN0EjN/event-subscription-configure-/encrypt-key-encryption-configuration-case
// (read 2026-11).

import { z } from 'zod';
import type { CallbackRequest, CallbackResult, RejectedReason } from '../../../domain/callback.ts';
import { parseJson } from '../../../runtime/json.ts';
import { equalSecrets } from '../../shared/compare.ts';
import { parseBody } from '../../shared/parse-body.ts';
import type { FeishuApp } from '../app.ts';
import { decryptEvent, eventSignature, legacyCardSignature } from '../crypto.ts';
import { readEnvelope } from './envelope.ts';
import { readEvent } from './event.ts';
import type { BotIdOf } from './read-event.ts';
import { type FeishuSignature, isFresh, signatureIn } from './screen.ts';

const encrypted = z.object({ encrypt: z.string() });
const challenge = z.object({ type: z.literal('url_verification'), challenge: z.string(), token: z.string() });

type VerifiedBody = { app: FeishuApp; json: unknown } | { reason: RejectedReason };

/**
 * Verifies a signed request before anything is parsed. Two kinds of requests have no signature. The address check has
 * none even if an Encrypt Key is set; its token proves it. Events of an app without an Encrypt Key contain the
 * Verification Token.
 */
export function receiveFeishu(apps: readonly FeishuApp[], request: CallbackRequest, botIdOf?: BotIdOf): CallbackResult {
  const signature = signatureIn(request);
  if (signature && 'reason' in signature) return { kind: 'rejected', reason: signature.reason };
  const signers = signature && signersOf(apps, signature, request.rawBody);
  if (signers?.length === 0) return { kind: 'rejected', reason: 'signature_mismatch' };
  if (signature && !isFresh(signature, request.now)) return { kind: 'rejected', reason: 'stale_timestamp' };
  const body = parseBody(request.rawBody.toString('utf8'));
  if ('reason' in body) return { kind: 'rejected', reason: body.reason };
  if (!signers) return receiveUnsigned(apps, body.json, botIdOf);
  // The old-style signature is accepted for cards only, because its key, the Verification Token, is part of each event.
  if (isCardBody(body.json) !== (signature?.of === 'card')) return { kind: 'rejected', reason: 'signature_mismatch' };
  return receiveSigned(signers, body.json, botIdOf);
}

/** Returns the apps whose key produces the signature, because several apps share one URL. */
function signersOf(apps: readonly FeishuApp[], signature: FeishuSignature, rawBody: Buffer): FeishuApp[] {
  const signed = { timestamp: signature.timestamp, nonce: signature.nonce, rawBody };
  const [keyOf, sign] =
    signature.of === 'card'
      ? [({ verificationToken }: FeishuApp) => verificationToken, legacyCardSignature]
      : [({ encryptKey }: FeishuApp) => encryptKey, eventSignature];
  return apps.filter((app) => {
    const key = keyOf(app);
    return key !== undefined && equalSecrets(sign(key, signed), signature.hex);
  });
}

function isCardBody(outer: object): boolean {
  return !('encrypt' in outer) && !('schema' in outer) && !('type' in outer);
}

function receiveSigned(signers: readonly FeishuApp[], outer: object, botIdOf?: BotIdOf): CallbackResult {
  const verified = openSigned(signers, outer);
  if ('reason' in verified) return { kind: 'rejected', reason: verified.reason };
  const result = readGenuine(verified.app, verified.json, botIdOf);
  if (result.kind !== 'rejected' || result.reason !== 'malformed_event') return result;
  return readChallenge(signers, outer, { isSigned: true }) ?? result;
}

function openSigned(signers: readonly FeishuApp[], outer: object): VerifiedBody {
  const [first, ...others] = signers;
  if (!first) return { reason: 'signature_mismatch' };
  const cipher = encrypted.safeParse(outer);
  const json = cipher.success ? decrypt(first, cipher.data.encrypt) : outer;
  if (json === undefined) return { reason: 'decrypt_failed' };
  if (others.length === 0) return { app: first, json };
  // Two apps can have the same Encrypt Key, because it is free text.
  const appId = readEnvelope(json)?.appId;
  return { app: signers.find((app) => app.appId === appId) ?? first, json };
}

function receiveUnsigned(apps: readonly FeishuApp[], outer: object, botIdOf?: BotIdOf): CallbackResult {
  const challengeResult = readChallenge(apps, outer, { isSigned: false });
  if (challengeResult) return challengeResult;
  const verified = verifyUnsigned(apps, outer);
  return 'reason' in verified
    ? { kind: 'rejected', reason: verified.reason }
    : readGenuine(verified.app, verified.json, botIdOf);
}

/** Reads an address check. The app's token proves it. Without a token the key does, since only Feishu has it too. */
function readChallenge(
  apps: readonly FeishuApp[],
  outer: object,
  { isSigned }: { isSigned: boolean },
): CallbackResult | undefined {
  const cipher = encrypted.safeParse(outer);
  const candidates = cipher.success
    ? apps.map((app) => ({ app, json: decrypt(app, cipher.data.encrypt) }))
    : apps.map((app) => ({ app, json: outer as unknown }));
  let reason: RejectedReason | undefined;
  for (const { app, json } of candidates) {
    const parsed = challenge.safeParse(json);
    if (!parsed.success) continue;
    const { verificationToken: token } = app;
    if (token === undefined ? !isSigned && !cipher.success : !equalSecrets(parsed.data.token, token)) {
      reason = token === undefined ? (reason ?? 'missing_signature') : 'token_mismatch';
      continue;
    }
    const body = { challenge: parsed.data.challenge };
    return { kind: 'challenge', reason: 'url_verification', appId: app.appId, body };
  }
  return reason && { kind: 'rejected', reason };
}

/** Verifies an unsigned event by its token. Without an Encrypt Key, Feishu does not sign events. */
function verifyUnsigned(apps: readonly FeishuApp[], outer: object): VerifiedBody {
  const cipher = encrypted.safeParse(outer);
  // The likely cause is an address check of an app whose Encrypt Key differs from the one in the console.
  if (cipher.success && apps.every((app) => decrypt(app, cipher.data.encrypt) === undefined)) {
    return { reason: 'decrypt_failed' };
  }
  const plain = apps.filter((app) => app.encryptKey === undefined);
  if (plain.length === 0 || cipher.success) return { reason: 'missing_signature' };
  const event = readEnvelope(outer);
  if (!event) return { reason: 'malformed_event' };
  const app = plain.find((candidate) => hasToken(candidate, event.token));
  return app ? { app, json: outer } : { reason: 'token_mismatch' };
}

function hasToken(app: FeishuApp, token: string): boolean {
  return app.verificationToken !== undefined && equalSecrets(token, app.verificationToken);
}

/**
 * Reads an event that was verified by its signature or that arrived over the app's long connection. Without
 * `botIdOf`, mentions in group messages are checked later.
 */
export function readGenuine(app: FeishuApp, json: unknown, botIdOf: BotIdOf = () => undefined): CallbackResult {
  const event = readEnvelope(json);
  if (!event) return readOther(app, json);
  if (app.verificationToken !== undefined && !equalSecrets(event.token, app.verificationToken)) {
    return { kind: 'rejected', reason: 'token_mismatch' };
  }
  if (event.appId !== app.appId) return { kind: 'rejected', reason: 'unknown_app' };
  const read = readEvent(event, botIdOf);
  if (read.kind === 'malformed') return { kind: 'rejected', reason: 'malformed_event' };
  const { body = {} } = read;
  if (read.kind === 'message') return { kind: 'message', message: read.message, body };
  return { ...read, appId: app.appId, body };
}

/** Reads a verified body without an event envelope: an old-style card callback, which the bot ignores. */
function readOther(app: FeishuApp, json: unknown): CallbackResult {
  const isCard = typeof json === 'object' && json !== null && 'action' in json;
  if (!isCard) return { kind: 'rejected', reason: 'malformed_event' };
  return { kind: 'ignored', reason: 'unknown_event_type', appId: app.appId, body: {} };
}

/** Decrypts and parses a body. Returns undefined if the key is wrong, and null if the plain text cannot be an event. */
function decrypt(app: FeishuApp, encrypt: string): unknown {
  if (app.encryptKey === undefined) return undefined;
  const text = decryptText(app.encryptKey, encrypt);
  if (text === undefined) return undefined;
  const body = parseBody(text);
  if ('json' in body) return body.json;
  // About one wrong key in 256 decrypts to garbage, which is not JSON.
  return body.reason === 'malformed_event' || parseJson(text) !== undefined ? null : undefined;
}

function decryptText(encryptKey: string, encrypt: string): string | undefined {
  try {
    return decryptEvent(encryptKey, encrypt);
  } catch {
    return undefined;
  }
}
