// Verifies a Feishu callback: address check, genuine event, or rejection.

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

type Judged = { app: FeishuApp; json: unknown } | { reason: RejectedReason };

/**
 * A request with a signature is verified before anything is parsed. Without one there is only the address check,
 * which carries no signature even when an Encrypt Key is set and is guarded by its token, and, for an app without an
 * Encrypt Key, the event with the Verification Token.
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
  // The old-style signature is made with the Verification Token, which every event contains: it is good for cards only.
  if (isCardBody(body.json) !== (signature?.of === 'card')) return { kind: 'rejected', reason: 'signature_mismatch' };
  return receiveSigned(signers, body.json, botIdOf);
}

/** One URL serves several apps: the right one is the one whose key makes the signature. */
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
  const judged = openSigned(signers, outer);
  if ('reason' in judged) return { kind: 'rejected', reason: judged.reason };
  const verdict = readGenuine(judged.app, judged.json, botIdOf);
  if (verdict.kind !== 'rejected' || verdict.reason !== 'malformed_event') return verdict;
  return readChallenge(signers, outer, { isSigned: true }) ?? verdict;
}

function openSigned(signers: readonly FeishuApp[], outer: object): Judged {
  const [first, ...others] = signers;
  if (!first) return { reason: 'signature_mismatch' };
  const cipher = encrypted.safeParse(outer);
  const json = cipher.success ? decrypt(first, cipher.data.encrypt) : outer;
  if (json === undefined) return { reason: 'decrypt_failed' };
  if (others.length === 0) return { app: first, json };
  // The Encrypt Key is free text: an owner of two apps may have given both the same one.
  const appId = readEnvelope(json)?.appId;
  return { app: signers.find((app) => app.appId === appId) ?? first, json };
}

function receiveUnsigned(apps: readonly FeishuApp[], outer: object, botIdOf?: BotIdOf): CallbackResult {
  const answer = readChallenge(apps, outer, { isSigned: false });
  if (answer) return answer;
  const judged = verifyUnsigned(apps, outer);
  return 'reason' in judged
    ? { kind: 'rejected', reason: judged.reason }
    : readGenuine(judged.app, judged.json, botIdOf);
}

/** Proven by the app's token, or for an app without one by its key: nobody else could encrypt it. */
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

/** Without an Encrypt Key the platform does not sign; the token inside the event is then the only protection. */
function verifyUnsigned(apps: readonly FeishuApp[], outer: object): Judged {
  const cipher = encrypted.safeParse(outer);
  // Most likely the address check of an app whose Encrypt Key here is not the one in the console.
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
 * Reads what is known to come from the platform: by its signature here, by the connection it came over elsewhere.
 * Without `botIdOf` group messages are left to be judged later.
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

/** A signed body that is no event envelope: an old-style card callback, which this bot has no use for. */
function readOther(app: FeishuApp, json: unknown): CallbackResult {
  const isCard = typeof json === 'object' && json !== null && 'action' in json;
  if (!isCard) return { kind: 'rejected', reason: 'malformed_event' };
  return { kind: 'ignored', reason: 'unknown_event_type', appId: app.appId, body: {} };
}

/** Undefined when the key does not fit; null when what was encrypted can be no event. */
function decrypt(app: FeishuApp, encrypt: string): unknown {
  if (app.encryptKey === undefined) return undefined;
  const text = decryptText(app.encryptKey, encrypt);
  if (text === undefined) return undefined;
  const body = parseBody(text);
  if ('json' in body) return body.json;
  // One wrong key in 256 decrypts to garbage, which is no JSON.
  return body.reason === 'malformed_event' || parseJson(text) !== undefined ? null : undefined;
}

function decryptText(encryptKey: string, encrypt: string): string | undefined {
  try {
    return decryptEvent(encryptKey, encrypt);
  } catch {
    return undefined;
  }
}
