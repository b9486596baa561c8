// Judges a DingTalk callback: a robot message (signed by headers) or an encrypted event (signed by query).
import { z } from 'zod';
import type { DingtalkApp } from '../../config/settings.ts';
import { parseJson } from '../../json.ts';
import type { CallbackRequest, CallbackVerdict } from '../channel.ts';
import { equalSecrets } from '../compare.ts';
import { decryptEvent, type EventKeys, encryptEvent, eventSignature, robotSign } from './crypto.ts';
import { parseRobotMessage, readMessage } from './message.ts';

/** The platform's rule: a robot callback is valid for one hour around its timestamp. */
const ROBOT_WINDOW_MS = 3_600_000;

const encrypted = z.object({ encrypt: z.string() });
const eventType = z.looseObject({ EventType: z.string() });

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
    .map(eventKeys)
    .filter((keys) => keys !== undefined)
    .filter(({ token }) => equalSecrets(eventSignature(token, timestamp, nonce, encrypt), signature));
  if (signers.length === 0) return { kind: 'rejected', reason: 'signature_mismatch' };
  // The token is free text: an owner of two apps may have given both the same one. The owner key inside decides.
  const [opened] = signers.flatMap((keys) => {
    const text = decrypt(keys, encrypt);
    return text === undefined ? [] : [{ keys, text }];
  });
  if (!opened) return { kind: 'rejected', reason: 'decrypt_failed' };
  const { keys, text } = opened;
  const event = eventType.safeParse(parseJson(text));
  if (!event.success) return { kind: 'rejected', reason: 'malformed_event' };
  const body = success(keys, String(request.now), nonce);
  return event.data.EventType === 'check_url'
    ? { kind: 'challenge', reason: 'check_url', appId: keys.ownerKey, body }
    : { kind: 'ignored', reason: 'unknown_event_type', appId: keys.ownerKey, body };
}

function eventKeys(app: DingtalkApp): EventKeys | undefined {
  if (app.token === undefined || app.aesKey === undefined) return undefined;
  return { token: app.token, aesKey: app.aesKey, ownerKey: app.appKey };
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
