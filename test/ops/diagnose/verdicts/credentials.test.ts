// Tests which rejections count as evidence of a wrong secret.
import { expect, test } from '@jest/globals';
import { platformIds } from '../../../../bot/platforms/registry.ts';
import { createCallbackTally } from '../../../../ops/diagnose/evidence/group-lines.ts';
import { createKnowledge } from '../../../../ops/diagnose/judge/knowledge.ts';
import { findSymptoms } from '../../../../ops/diagnose/judge/symptoms.ts';
import type { CheckResult } from '../../../../ops/diagnose/report.ts';
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

/** Returns the ids of the causes that the rules propose if the platform rejects the token call with this code. */
function causesOfToken(platform: string, code: string): string[] {
  const fact = { key: `cred.${platform}.refused`, value: [{ app: 'the-app', code, message: 'x' }] };
  const evidence = { source: 'probe', ref: 'x', at: AT, quote: 'x' } as const;
  const check: CheckResult = {
    ...{ id: `cred.${platform}`, title: 'x', layer: 6, critical: true, status: 'fail', code, summary: 'x' },
    ...{ startedAt: AT, ms: 0, facts: [{ ...fact, evidence }] },
  };
  const symptoms = findSymptoms([check], [], () => 1);
  const known = createKnowledge({ now: AT, cfg: undefined, checks: [check], groups: [], symptoms });
  return credentialRules().flatMap((rule) => (rule.judge(known) ? [rule.id] : []));
}

/** Codes of a rejected token call that do not concern the secret. */
const OTHER_REJECTIONS = {
  feishu: ['99991400', '99991401', '99991403', '99991662', '99991673', '5000', '1'],
  dingtalk: [
    ...['unauthorized.client', 'Forbidden.AccessDenied.QpsLimit', 'Forbidden.AccessDenied.IpNotInWhiteList'],
    ...['Forbidden.AccessDenied.QpsLimitForApi', 'Forbidden.AccessDenied.ApiCountLimit', 'system.error'],
    ...['ServiceUnavailable', 'ip.not.match', 'not.known.to.any.table'],
  ],
};

test.each([
  ['feishu', '10014', ['FEISHU_APP_SECRET_WRONG']],
  ['dingtalk', 'invalidClientIdOrSecret', ['DINGTALK_SIGN_MISMATCH']],
  ['dingtalk', 'invalid.client', ['DINGTALK_SIGN_MISMATCH']],
  ...Object.entries(OTHER_REJECTIONS).flatMap(([platform, codes]) =>
    codes.map((code): [string, string, string[]] => [platform, code, []]),
  ),
])('%s: considers a token call rejected with %s', (platform, code, expected) => {
  expect(causesOfToken(platform, code)).toEqual(expected);
});
