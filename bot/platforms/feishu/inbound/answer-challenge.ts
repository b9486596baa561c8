// Answers an address check, with which Feishu verifies the URL of the callback.
import type { CallbackResult } from '../../../domain/callback.ts';
import { equalSecrets } from '../../shared/compare.ts';
import type { FeishuApp } from '../app.ts';
import type { AddressCheck } from './body.ts';

/** An app that the check may be for, and the check as this app reads it. */
export interface ChallengedApp {
  app: FeishuApp;
  check: AddressCheck;
}

/**
 * Answers for the app that the check proves. The app's token is the proof. Without a token the key is, since only
 * Feishu has it too: `isProvenByKey` is true if the body was signed or encrypted with the key.
 */
export function answerChallenge(
  challenged: readonly ChallengedApp[],
  { isProvenByKey }: { isProvenByKey: boolean },
): CallbackResult {
  const proven = challenged.find(({ app: { verificationToken: token }, check }) =>
    token === undefined ? isProvenByKey : equalSecrets(check.token, token),
  );
  if (proven) {
    const { app, check } = proven;
    return { kind: 'challenge', reason: 'url_verification', appId: app.appId, body: { challenge: check.challenge } };
  }
  const hasToken = challenged.some(({ app }) => app.verificationToken !== undefined);
  return { kind: 'rejected', reason: hasToken ? 'token_mismatch' : 'missing_signature' };
}
