// Tests which rejected callbacks count as evidence of a wrong secret.
import { expect, test } from '@jest/globals';
import { platformIds } from '../../../../bot/platforms/registry.ts';
import { createCallbackTally } from '../../../../ops/diagnose/evidence/group-lines.ts';
import { createKnowledge } from '../../../../ops/diagnose/judge/knowledge.ts';
import { findSymptoms } from '../../../../ops/diagnose/judge/symptoms.ts';
import { credentialRules } from '../../../../ops/diagnose/verdicts/credentials.ts';

const AT = '2026-11-22T10:00:00.000Z';

/** Returns the ids of the causes that the rules propose for five callbacks that each platform's route rejected. */
function causesOf(reason: string): string[] {
  const tally = createCallbackTally();
  for (const platform of platformIds()) {
    const line = { 'event.action': 'callback-received', 'event.reason': reason, 'chatbot.platform': platform };
    for (let count = 0; count < 5; count += 1) tally.add(line, AT);
  }
  const groups = tally.groups();
  const symptoms = findSymptoms([], groups, () => 1);
  const known = createKnowledge({ now: AT, cfg: undefined, checks: [], groups, symptoms });
  return credentialRules().flatMap((rule) => (rule.judge(known) ? [rule.id] : []));
}

test.each([
  ['the reason of a wrong secret', 'signature_mismatch', ['DINGTALK_SIGN_MISMATCH']],
  ['another reason', 'decrypt_failed', []],
  ['a reason with the name of a missing one', 'undefined', []],
])('considers callbacks rejected with %s', (_, reason, expected) => {
  expect(causesOf(reason)).toEqual(expected);
});
