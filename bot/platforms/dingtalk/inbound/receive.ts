// Verifies a DingTalk callback: a robot message (signed by headers) or an encrypted event (signed by query).

import type { CallbackRequest, CallbackResult } from '../../../domain/callback.ts';
import { equalSecrets } from '../../shared/compare.ts';
import { parseBody } from '../../shared/parse-body.ts';
import type { DingtalkApp } from '../app.ts';
import { decryptEvent, type EventKeys, encryptEvent, eventSignature } from '../crypto.ts';
import { parseEvent, readEvent } from './event.ts';
import { readMessage } from './message.ts';
import { parseRobotMessage, type RobotMessage } from './robot-message.ts';
import { isEvent, isFresh, proofOfEvent, proofOfRobot } from './screen.ts';
import { createSignUses, type SignUses } from './sign-uses.ts';

export function receiveDingtalk(
  apps: readonly DingtalkApp[],
  request: CallbackRequest,
  uses: SignUses = createSignUses(),
): CallbackResult {
  return isEvent(request) ? receiveEvent(apps, request) : receiveRobot(apps, request, uses);
}

function receiveRobot(apps: readonly DingtalkApp[], request: CallbackRequest, uses: SignUses): CallbackResult {
  const proof = proofOfRobot(apps, request);
  if ('reason' in proof) return { kind: 'rejected', reason: proof.reason };
  const body = parseBody(request.rawBody.toString('utf8'));
  if ('reason' in body) return { kind: 'rejected', reason: body.reason };
  const message = parseRobotMessage(body.json);
  if (!message) return { kind: 'rejected', reason: 'malformed_event' };
  const { sign, signedAt } = proof;
  const isFirst = uses.note({ sign, signedAt, messageId: message.msgId, now: request.now });
  return isFirst ? readParsed(proof.app, message) : { kind: 'rejected', reason: 'signature_reused' };
}

/** Reads a robot message that arrived over the app's stream, so that it needs no signature. */
export function readRobot(app: DingtalkApp, json: unknown): CallbackResult {
  const message = parseRobotMessage(json);
  return message ? readParsed(app, message) : { kind: 'rejected', reason: 'malformed_event' };
}

function readParsed(app: DingtalkApp, message: RobotMessage): CallbackResult {
  if (message.robotCode && message.robotCode !== app.robotCode) return { kind: 'rejected', reason: 'unknown_app' };
  const read = readMessage(app, message);
  if (read.kind === 'ignored') return { ...read, appId: app.appKey, body: {} };
  return { kind: 'message', message: read.message, body: {} };
}

/** Matches the only member of an event's body, because the body is not parsed before its signature is verified. */
const ENCRYPT = /"encrypt"\s*:\s*"([^"\\]*(?:\\(?:\/|u00[\da-fA-F]{2})[^"\\]*)*)"/;
/** Matches escapes. JSON encoders may escape `/`, and some also `+` and `=` (`\u003d`). */
const ESCAPE = /\\(?:\/|u(00[\da-fA-F]{2}))/g;

function receiveEvent(apps: readonly DingtalkApp[], request: CallbackRequest): CallbackResult {
  const proof = proofOfEvent(request);
  if ('reason' in proof) return { kind: 'rejected', reason: proof.reason };
  const rawBody = request.rawBody.toString('utf8');
  const encrypt = ENCRYPT.exec(rawBody)?.[1]?.replaceAll(ESCAPE, (_escape, code?: string) =>
    code === undefined ? '/' : String.fromCharCode(Number.parseInt(code, 16)),
  );
  if (encrypt === undefined) return { kind: 'rejected', reason: 'malformed_event' };
  const { signature, timestamp, nonce } = proof;
  const signers = apps
    .flatMap(withEventKeys)
    .filter(({ keys }) => equalSecrets(eventSignature(keys.token, timestamp, nonce, encrypt), signature));
  if (signers.length === 0) return { kind: 'rejected', reason: 'signature_mismatch' };
  if (!isFresh(proof, request.now)) return { kind: 'rejected', reason: 'stale_timestamp' };
  if (!containsEncrypt(rawBody, encrypt)) return { kind: 'rejected', reason: 'malformed_json' };
  // Two apps can have the same token, because it is free text. The owner key in the encrypted text decides.
  const [opened] = signers.flatMap((signer) => {
    const text = decrypt(signer.keys, encrypt);
    return text === undefined ? [] : [{ ...signer, text }];
  });
  if (!opened) return { kind: 'rejected', reason: 'decrypt_failed' };
  const { app, keys, text } = opened;
  const body = parseBody(text);
  const event = 'json' in body ? parseEvent(body.json) : undefined;
  if (!event) return { kind: 'rejected', reason: 'malformed_event' };
  // Without this response DingTalk redelivers an event of any type.
  const answer = { appId: app.appKey, body: success(keys, String(request.now), nonce) };
  if (event.EventType === 'check_url') return { kind: 'challenge', reason: 'check_url', ...answer };
  const read = readEvent(app, event);
  return read.kind === 'message' ? { ...read, body: answer.body } : { ...read, ...answer };
}

/** Returns true if the body is JSON and its member `encrypt` is the signed text. */
function containsEncrypt(rawBody: string, encrypt: string): boolean {
  const body = parseBody(rawBody);
  return 'json' in body && 'encrypt' in body.json && body.json.encrypt === encrypt;
}

function withEventKeys(app: DingtalkApp): { app: DingtalkApp; keys: EventKeys }[] {
  const { appKey: ownerKey, token, aesKey } = app;
  return token === undefined || aesKey === undefined ? [] : [{ app, keys: { token, aesKey, ownerKey } }];
}

function decrypt(keys: EventKeys, encrypt: string): string | undefined {
  try {
    return decryptEvent(keys, encrypt);
  } catch {
    return undefined;
  }
}

/**
 * Returns the required response to an event: the text `success`, encrypted and signed
 * (https://github.com/open-dingtalk/DingTalk-Callback-Crypto, read 2026-11).
 */
function success(keys: EventKeys, timeStamp: string, nonce: string): object {
  const encrypt = encryptEvent(keys, 'success');
  return { msg_signature: eventSignature(keys.token, timeStamp, nonce, encrypt), timeStamp, nonce, encrypt };
}
