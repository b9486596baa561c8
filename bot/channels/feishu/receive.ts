// Judges a Feishu callback: challenge, genuine event, or refusal.

import { z } from 'zod';
import type { FeishuApp } from '../../config/settings.ts';
import { parseJson } from '../../json.ts';
import type { CallbackRequest, CallbackVerdict, RejectedReason } from '../channel.ts';
import { equalSecrets } from '../compare.ts';
import { decryptEvent, eventSignature, legacyCardSignature, type SignedParts } from './crypto.ts';
import { readEnvelope } from './envelope.ts';
import { type BotIdOf, readEvent } from './event.ts';

const encrypted = z.object({ encrypt: z.string() });
const challenge = z.object({ type: z.literal('url_verification'), challenge: z.string(), token: z.string() });

type Judged = { app: FeishuApp; json: unknown } | { reason: RejectedReason };

/**
 * A challenge carries no signature even when an Encrypt Key is set, so it is guarded by its token; everything else
 * needs a valid signature, or, for an app without an Encrypt Key, the Verification Token. What is signed rightly is
 * an event, and is decrypted once.
 */
export function receiveFeishu(
  apps: readonly FeishuApp[],
  request: CallbackRequest,
  botIdOf?: BotIdOf,
): CallbackVerdict {
  const outer = parseJson(request.rawBody.toString('utf8'));
  if (typeof outer !== 'object' || outer === null) return { kind: 'rejected', reason: 'malformed_json' };
  const signature = request.headers['x-lark-signature'];
  const signed = signature === undefined ? undefined : judgeSigned(apps, outer, request, signature);
  if (signed && 'app' in signed) {
    const verdict = readGenuine(signed.app, signed.json, botIdOf);
    if (verdict.kind !== 'rejected' || verdict.reason !== 'malformed_event') return verdict;
  }
  const answer = readChallenge(apps, outer);
  if (answer) return answer;
  const judged = signed ?? judgeUnsigned(apps, outer);
  if ('reason' in judged) return { kind: 'rejected', reason: judged.reason };
  return readGenuine(judged.app, judged.json, botIdOf);
}

function readChallenge(apps: readonly FeishuApp[], outer: object): CallbackVerdict | undefined {
  const cipher = encrypted.safeParse(outer);
  const candidates = cipher.success
    ? apps.map((app) => ({ app, json: decrypt(app, cipher.data.encrypt) }))
    : apps.map((app) => ({ app, json: outer as unknown }));
  let asked = false;
  for (const { app, json } of candidates) {
    const parsed = challenge.safeParse(json);
    if (!parsed.success) continue;
    asked = true;
    if (app.verificationToken !== undefined && !equalSecrets(parsed.data.token, app.verificationToken)) continue;
    const body = { challenge: parsed.data.challenge };
    return { kind: 'challenge', reason: 'url_verification', appId: app.appId, body };
  }
  return asked ? { kind: 'rejected', reason: 'token_mismatch' } : undefined;
}

/** One URL serves several apps: the right one is the one whose key makes the signature. */
function judgeSigned(
  apps: readonly FeishuApp[],
  outer: object,
  { headers, rawBody }: CallbackRequest,
  signature: string,
): Judged {
  const timestamp = headers['x-lark-request-timestamp'];
  const nonce = headers['x-lark-request-nonce'];
  if (timestamp === undefined || nonce === undefined) return { reason: 'missing_signature' };
  const parts = { timestamp, nonce, rawBody };
  const signers = apps.filter((candidate) => signedBy(candidate, outer, parts, signature.toLowerCase()));
  const [first] = signers;
  if (!first) return { reason: 'signature_mismatch' };
  const cipher = encrypted.safeParse(outer);
  const json = cipher.success ? decrypt(first, cipher.data.encrypt) : outer;
  if (json === undefined) return { reason: 'decrypt_failed' };
  if (signers.length === 1) return { app: first, json };
  // The Encrypt Key is free text: an owner of two apps may have given both the same one.
  const appId = readEnvelope(json)?.appId;
  return { app: signers.find((candidate) => candidate.appId === appId) ?? first, json };
}

function signedBy(app: FeishuApp, outer: object, parts: SignedParts, signature: string): boolean {
  const isLegacyCard = !('encrypt' in outer) && !('schema' in outer) && !('type' in outer);
  if (isLegacyCard) {
    return (
      app.verificationToken !== undefined && equalSecrets(legacyCardSignature(app.verificationToken, parts), signature)
    );
  }
  return app.encryptKey !== undefined && equalSecrets(eventSignature(app.encryptKey, parts), signature);
}

/** Without an Encrypt Key the platform does not sign; the token inside the event is then the only protection. */
function judgeUnsigned(apps: readonly FeishuApp[], outer: object): Judged {
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
export function readGenuine(app: FeishuApp, json: unknown, botIdOf: BotIdOf = () => undefined): CallbackVerdict {
  const event = readEnvelope(json);
  if (!event) return readOther(app, json);
  if (app.verificationToken !== undefined && !equalSecrets(event.token, app.verificationToken)) {
    return { kind: 'rejected', reason: 'token_mismatch' };
  }
  if (event.appId !== app.appId) return { kind: 'rejected', reason: 'unknown_app' };
  const read = readEvent(event, botIdOf);
  if (read.kind === 'malformed') return { kind: 'rejected', reason: 'malformed_event' };
  return read.kind === 'message' ? { body: {}, ...read } : { body: {}, ...read, appId: app.appId };
}

/** A signed body that is no event envelope: an old-style card callback, which this bot has no use for. */
function readOther(app: FeishuApp, json: unknown): CallbackVerdict {
  const isCard = typeof json === 'object' && json !== null && 'action' in json;
  if (!isCard) return { kind: 'rejected', reason: 'malformed_event' };
  return { kind: 'ignored', reason: 'unknown_event_type', appId: app.appId, body: {} };
}

function decrypt(app: FeishuApp, encrypt: string): unknown {
  if (app.encryptKey === undefined) return undefined;
  try {
    return JSON.parse(decryptEvent(app.encryptKey, encrypt));
  } catch {
    return undefined;
  }
}
