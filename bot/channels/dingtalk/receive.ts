// Judges a DingTalk callback: a robot message (signed by headers) or an encrypted event (signed by query).
import { z } from 'zod';
import type { DingtalkApp } from '../../config/settings.ts';
import { parseJson } from '../../json.ts';
import type { CallbackRequest, CallbackVerdict } from '../channel.ts';
import { equalSecrets } from '../compare.ts';
import { decryptEvent, type EventKeys, encryptEvent, eventSignature, robotSign } from './crypto.ts';
import { parseEvent, readEvent } from './event.ts';
import { parseRobotMessage, readMessage } from './message.ts';

/** The platform's rule: a robot callback is valid for one hour around its timestamp. */
const ROBOT_WINDOW_MS = 3_600_000;

const encrypted = z.object({ encrypt: z.string() });

export function receiveDingtalk(apps: readonly DingtalkApp[], request: CallbackRequest): CallbackVerdict {
  const json = parseJson(request.rawBody.toString('utf8'));
  if (typeof json !== 'object' || json === null) return { kind: 'rejected', reason: 'malformed_json' };
  const cipher = encrypted.safeParse(json);
  return cipher.success ? receiveEvent(apps, request, cipher.data.encrypt) : receiveRobot(apps, request, json);
}

function receiveRobot(apps: readonly DingtalkApp[], { headers, now }: CallbackRequest, json: unknown): CallbackVerdict {
  const { timestamp, sign } = headers;
  if (!timestamp || !sign) return { kind: 'rejected', reason: 'missing_signature' };
  const app = apps.find((candidate) => equalSecrets(robotSign(candidate.appSecret, timestamp), sign));
  if (!app) return { kind: 'rejected', reason: 'signature_mismatch' };
  // A timestamp in seconds is far in the past here, as the platform's rule has it; NaN is never within the window.
  if (!(Math.abs(now - Number(timestamp)) <= ROBOT_WINDOW_MS)) return { kind: 'rejected', reason: 'stale_timestamp' };
  return readRobot(app, json);
}

/** Reads what is known to come from the platform: by its signature here, by the connection it came over elsewhere. */
export function readRobot(app: DingtalkApp, json: unknown): CallbackVerdict {
  const message = parseRobotMessage(json);
  if (!message) return { kind: 'rejected', reason: 'malformed_event' };
  if (message.robotCode && message.robotCode !== app.robotCode) return { kind: 'rejected', reason: 'unknown_app' };
  const read = readMessage(app, message);
  if (read.kind === 'ignored') return { ...read, appId: app.appKey, body: {} };
  return { kind: 'message', message: read.message, body: {} };
}

function receiveEvent(apps: readonly DingtalkApp[], request: CallbackRequest, encrypt: string): CallbackVerdict {
  // The platform sends each value under two names.
  const { query } = request;
  const signature = query.signature ?? query.msg_signature;
  const timestamp = query.timestamp ?? query.timeStamp;
  const { nonce } = query;
  if (!signature || !timestamp || !nonce) return { kind: 'rejected', reason: 'missing_signature' };
  const signers = apps
    .flatMap(withEventKeys)
    .filter(({ keys }) => equalSecrets(eventSignature(keys.token, timestamp, nonce, encrypt), signature));
  if (signers.length === 0) return { kind: 'rejected', reason: 'signature_mismatch' };
  // The token is free text: an owner of two apps may have given both the same one. The owner key inside decides.
  const [opened] = signers.flatMap((signer) => {
    const text = decrypt(signer.keys, encrypt);
    return text === undefined ? [] : [{ ...signer, text }];
  });
  if (!opened) return { kind: 'rejected', reason: 'decrypt_failed' };
  const { app, keys, text } = opened;
  const event = parseEvent(parseJson(text));
  if (!event) return { kind: 'rejected', reason: 'malformed_event' };
  // Whatever it is, only this answer keeps the platform from sending it again.
  const answer = { appId: app.appKey, body: success(keys, String(request.now), nonce) };
  if (event.EventType === 'check_url') return { kind: 'challenge', reason: 'check_url', ...answer };
  const read = readEvent(app, event);
  return read.kind === 'message' ? { ...read, body: answer.body } : { ...read, ...answer };
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

/** The answer that every event wants: the word `success`, encrypted and signed. */
function success(keys: EventKeys, timeStamp: string, nonce: string): object {
  const encrypt = encryptEvent(keys, 'success');
  return { msg_signature: eventSignature(keys.token, timeStamp, nonce, encrypt), timeStamp, nonce, encrypt };
}
