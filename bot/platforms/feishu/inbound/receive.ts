// Verifies a Feishu callback and classifies it as address check, event, or rejection.
// Signature and encryption: https://open.feishu.cn/document/ukTMukTMukTM/uYDNxYjL2QTM24iN0EjN/event-subscription-configure-/encrypt-key-encryption-configuration-case
// (read 2026-11).

import type { CallbackRequest, CallbackResult, RejectedReason } from '../../../domain/callback.ts';
import { equalSecrets } from '../../shared/compare.ts';
import { parseBody } from '../../shared/parse-body.ts';
import type { FeishuApp } from '../app.ts';
import { eventSignature, legacyCardSignature } from '../crypto.ts';
import { answerChallenge } from './answer-challenge.ts';
import { classifyOuter, decryptBody, type OuterBody, type PlainBody } from './body.ts';
import type { FeishuEvent } from './envelope.ts';
import { readEvent } from './event.ts';
import type { BotIdOf } from './read-event.ts';
import { type FeishuSignature, isFresh, signatureIn } from './screen.ts';

/** The bot's id is unknown: mentions in group messages are checked later. */
const unknownBotId: BotIdOf = () => undefined;

/**
 * Verifies a signed request before anything is parsed. Two kinds of requests have no signature. The address check has
 * none even if an Encrypt Key is set; its token proves it. Events of an app without an Encrypt Key contain the
 * Verification Token.
 */
export function receiveFeishu(
  apps: readonly FeishuApp[],
  request: CallbackRequest,
  botIdOf: BotIdOf = unknownBotId,
): CallbackResult {
  const signature = signatureIn(request);
  if (signature && 'reason' in signature) return rejected(signature.reason);
  const signers = signature && signersOf(apps, signature, request.rawBody);
  if (signers?.length === 0) return rejected('signature_mismatch');
  if (signature && !isFresh(signature, request.now)) return rejected('stale_timestamp');
  const parsed = parseBody(request.rawBody.toString('utf8'));
  if ('reason' in parsed) return rejected(parsed.reason);
  const outer = classifyOuter(parsed.json);
  if (!signers) return receiveUnsigned(apps, outer, botIdOf);
  // The old-style signature is accepted for cards only, because its key, the Verification Token, is part of each event.
  const isCard = outer.kind === 'other' && outer.isCard;
  if (isCard !== (signature?.of === 'card')) return rejected('signature_mismatch');
  return receiveSigned(signers, outer, botIdOf);
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

function receiveSigned(signers: readonly FeishuApp[], outer: OuterBody, botIdOf: BotIdOf): CallbackResult {
  const [first] = signers;
  if (!first) return rejected('signature_mismatch');
  const body = outer.kind === 'encrypted' ? decryptBody(first, outer.encrypt) : outer;
  if (!body) return rejected('decrypt_failed');
  if (body.kind === 'challenge') {
    return answerChallenge(
      signers.map((app) => ({ app, check: body })),
      { isProvenByKey: true },
    );
  }
  // Two apps can have the same Encrypt Key, because it is free text.
  const owner = body.kind === 'event' ? signers.find(({ appId }) => appId === body.event.appId) : undefined;
  return readGenuine(owner ?? first, body, botIdOf);
}

function receiveUnsigned(apps: readonly FeishuApp[], outer: OuterBody, botIdOf: BotIdOf): CallbackResult {
  if (outer.kind === 'encrypted') return receiveUnsignedCipher(apps, outer.encrypt);
  if (outer.kind === 'challenge') {
    return answerChallenge(
      apps.map((app) => ({ app, check: outer })),
      { isProvenByKey: false },
    );
  }
  // Without an Encrypt Key, Feishu does not sign events. The token verifies them.
  const withoutKey = apps.filter(({ encryptKey }) => encryptKey === undefined);
  if (withoutKey.length === 0) return rejected('missing_signature');
  if (outer.kind !== 'event') return rejected('malformed_event');
  const { event } = outer;
  const app = withoutKey.find(
    ({ verificationToken: token }) => token !== undefined && equalSecrets(event.token, token),
  );
  return app ? readEventOf(app, event, botIdOf) : rejected('token_mismatch');
}

/** Accepts only an address check, because Feishu signs all other encrypted bodies. */
function receiveUnsignedCipher(apps: readonly FeishuApp[], encrypt: string): CallbackResult {
  const opened = apps.flatMap((app) => {
    const body = decryptBody(app, encrypt);
    return body ? [{ app, body }] : [];
  });
  // The likely cause is an address check of an app whose Encrypt Key differs from the one in the console.
  if (opened.length === 0) return rejected('decrypt_failed');
  const challenged = opened.flatMap(({ app, body }) => (body.kind === 'challenge' ? [{ app, check: body }] : []));
  return challenged.length === 0 ? rejected('missing_signature') : answerChallenge(challenged, { isProvenByKey: true });
}

/** Reads a body that was verified by its signature or that arrived over the app's long connection. */
export function readGenuine(app: FeishuApp, body: PlainBody, botIdOf: BotIdOf): CallbackResult {
  if (body.kind === 'event') {
    const { verificationToken: token } = app;
    if (token !== undefined && !equalSecrets(body.event.token, token)) return rejected('token_mismatch');
    return readEventOf(app, body.event, botIdOf);
  }
  // The bot ignores old-style card callbacks.
  const isCardAction = body.kind === 'other' && body.hasAction;
  if (!isCardAction) return rejected('malformed_event');
  return { kind: 'ignored', reason: 'unknown_event_type', appId: app.appId, body: {} };
}

/** Reads an event whose token was verified, or that needs none. */
function readEventOf(app: FeishuApp, event: FeishuEvent, botIdOf: BotIdOf): CallbackResult {
  if (event.appId !== app.appId) return rejected('unknown_app');
  const read = readEvent(event, botIdOf);
  if (read.kind === 'malformed') return rejected('malformed_event');
  const { body = {} } = read;
  if (read.kind === 'message') return { kind: 'message', message: read.message, body };
  return { ...read, appId: app.appId, body };
}

function rejected(reason: RejectedReason): CallbackResult {
  return { kind: 'rejected', reason };
}
