// Classifies the body of a Feishu callback: encrypted, an event, an address check, or another body.
import { z } from 'zod';
import { parseJson } from '../../../runtime/json.ts';
import { parseBody } from '../../shared/parse-body.ts';
import type { FeishuApp } from '../app.ts';
import { decryptEvent } from '../crypto.ts';
import { type FeishuEvent, readEnvelope } from './envelope.ts';

const encrypted = z.object({ encrypt: z.string() });
const challenge = z.object({ type: z.literal('url_verification'), challenge: z.string(), token: z.string() });

/** Body of an address check. */
export interface AddressCheck {
  kind: 'challenge';
  challenge: string;
  token: string;
}

export type PlainBody =
  | { kind: 'event'; event: FeishuEvent }
  | AddressCheck
  /** `isCard`: no member of an event or of an encrypted body, like an old-style card callback. */
  | { kind: 'other'; isCard: boolean; hasAction: boolean };

/** Body as received over HTTP. */
export type OuterBody = { kind: 'encrypted'; encrypt: string } | PlainBody;

export function classifyOuter(json: object): OuterBody {
  const { data } = encrypted.safeParse(json);
  return data ? { kind: 'encrypted', encrypt: data.encrypt } : classifyPlain(json);
}

/** Classifies the body of a frame, a decrypted body, or a body that is not encrypted. */
export function classifyPlain(json: unknown): PlainBody {
  const event = readEnvelope(json);
  if (event) return { kind: 'event', event };
  const { data: check } = challenge.safeParse(json);
  if (check) return { kind: 'challenge', challenge: check.challenge, token: check.token };
  const has = (name: string) => typeof json === 'object' && json !== null && name in json;
  return { kind: 'other', isCard: !has('encrypt') && !has('schema') && !has('type'), hasAction: has('action') };
}

/** Decrypts and classifies a body. Returns undefined if the app has no Encrypt Key or another one. */
export function decryptBody({ encryptKey }: FeishuApp, encrypt: string): PlainBody | undefined {
  const text = encryptKey === undefined ? undefined : decryptText(encryptKey, encrypt);
  if (text === undefined) return undefined;
  const body = parseBody(text);
  if ('json' in body) return classifyPlain(body.json);
  // About one wrong key in 256 decrypts to garbage, which is not JSON. Other JSON than an object cannot be an event.
  return body.reason === 'malformed_event' || parseJson(text) !== undefined ? classifyPlain(null) : undefined;
}

function decryptText(encryptKey: string, encrypt: string): string | undefined {
  try {
    return decryptEvent(encryptKey, encrypt);
  } catch {
    return undefined;
  }
}
