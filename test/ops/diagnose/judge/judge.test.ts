// Tests the choice of causes with made-up rules, and the outcome.
import { describe, expect, test } from '@jest/globals';
import { allChecks } from '../../../../ops/diagnose/checks/all-checks.ts';
import { judge } from '../../../../ops/diagnose/judge/judge.ts';
import { createKnowledge } from '../../../../ops/diagnose/judge/knowledge.ts';
import { concludeOutcome, exitCodeOf, isClear } from '../../../../ops/diagnose/judge/outcome.ts';
import type { Candidate, Rule } from '../../../../ops/diagnose/judge/rule.ts';
import type { CheckResult, Confidence, Layer, Symptom } from '../../../../ops/diagnose/report.ts';

const NOW = '2026-11-22T10:00:00.000Z';

function symptom(id: string, weight = 100, onset?: string): Symptom {
  return { id, kind: 'check', weight, text: id, ...(onset ? { onset } : {}) };
}

interface RuleOptions {
  layer?: Layer;
  confidence?: Confidence;
  past?: boolean;
  causeSince?: string;
}

function rule(
  id: string,
  explains: string[],
  { layer = 5, confidence = 'proven', past = false, causeSince }: RuleOptions = {},
): Rule {
  const candidate: Candidate = {
    confidence,
    past,
    ...(causeSince ? { causeSince } : {}),
    blame: 'unknown',
    title: id,
    impact: { text: 'none' },
    evidence: [{ source: 'probe', ref: 'x', at: NOW, quote: 'x' }],
    explains,
    remedies: [{ text: 'none', commands: [], risk: 'safe' }],
    verify: 'true',
  };
  return { id, layer, label: id, clearedBy: ['x'], reads: [], judge: () => candidate };
}

function decide(rules: Rule[], symptoms: Symptom[]) {
  const known = createKnowledge({ now: NOW, cfg: undefined, checks: [], groups: [], symptoms });
  const { primary, contributing, alsoSeen, unexplained, tied } = judge(rules, known, () => false);
  const ids = (list: { id: string }[]) => list.map(({ id }) => id);
  return {
    primary: primary?.id,
    contributing: ids(contributing),
    alsoSeen: ids(alsoSeen),
    unexplained: ids(unexplained),
    tied,
  };
}

const [dns, cred, queue] = [symptom('dns'), symptom('cred'), symptom('queue', 10)];
const nothing = { primary: undefined, contributing: [], alsoSeen: [], unexplained: [], tied: false };

const decisions: [string, Rule[], Symptom[], ReturnType<typeof decide>][] = [
  ['no cause without symptoms', [], [], nothing],
  ['no cause without a rule that explains the symptom', [], [dns], { ...nothing, unexplained: ['dns'] }],
  ['one cause for two symptoms', [rule('A', ['dns', 'queue'])], [dns, queue], { ...nothing, primary: 'A' }],
  [
    'two independent causes, the one with more weight first',
    [rule('LIGHT', ['queue']), rule('HEAVY', ['dns'])],
    [dns, queue],
    { ...nothing, primary: 'HEAVY', contributing: ['LIGHT'] },
  ],
  [
    'the cause on the lower layer of two that explain the same symptom',
    [rule('HIGH', ['dns'], { layer: 7 }), rule('LOW', ['dns'], { layer: 2 })],
    [dns],
    { ...nothing, primary: 'LOW' },
  ],
  [
    'the proven cause, although a likely one is on a lower layer',
    [rule('PROOF', ['dns', 'cred'], { layer: 7 }), rule('GUESS', ['dns', 'cred'], { layer: 2, confidence: 'likely' })],
    [dns, cred],
    { ...nothing, primary: 'PROOF' },
  ],
  [
    'the cause that explains more, although another one is on a lower layer',
    [rule('MORE', ['dns', 'cred'], { layer: 7 }), rule('LESS', ['dns'], { layer: 2 })],
    [dns, cred],
    { ...nothing, primary: 'MORE' },
  ],
  [
    'one of two equal causes, marked as tied',
    [rule('A', ['dns']), rule('B', ['dns'])],
    [dns],
    { ...nothing, primary: 'A', tied: true },
  ],
  [
    'no possible cause, which is only listed',
    [rule('MAYBE', ['dns'], { confidence: 'possible' })],
    [dns],
    { ...nothing, alsoSeen: ['MAYBE'], unexplained: ['dns'] },
  ],
  [
    'no cause that is over, which is only listed',
    [rule('PAST', [], { past: true })],
    [],
    { ...nothing, alsoSeen: ['PAST'] },
  ],
  ['no cause that explains no symptom', [rule('IDLE', [])], [], nothing],
  [
    'no cause that began an hour after its effect',
    [rule('LATE', ['dns'], { causeSince: NOW })],
    [symptom('dns', 100, '2026-11-22T09:00:00.000Z')],
    { ...nothing, alsoSeen: ['LATE'], unexplained: ['dns'] },
  ],
  [
    'a cause that was recorded seconds after its effect',
    [rule('TIMELY', ['dns'], { causeSince: NOW })],
    [symptom('dns', 100, '2026-11-22T09:59:30.000Z')],
    { ...nothing, primary: 'TIMELY' },
  ],
];

test.each(decisions)('chooses %s', (_, rules, symptoms, expected) => {
  expect(decide(rules, symptoms)).toEqual(expected);
  expect(decide([...rules].reverse(), symptoms)).toEqual(expected);
});

function result(id: string, change: Partial<CheckResult> = {}): CheckResult {
  return {
    id,
    title: id,
    layer: 0,
    critical: true,
    status: 'ok',
    summary: '',
    startedAt: NOW,
    ms: 0,
    facts: [],
    ...change,
  };
}

describe('outcome', () => {
  const none = { primary: undefined, tied: false, unexplained: [], alsoSeen: [] };

  test.each([
    ['all checks ok', [result('a')], 'healthy'],
    ['a warning', [result('a', { status: 'warn' })], 'degraded'],
    [
      'an uncritical check unknown',
      [result('a', { critical: false, status: 'unknown', reason: 'timeout' })],
      'degraded',
    ],
    ['a critical check unknown', [result('a', { status: 'unknown', reason: 'no_permission' })], 'undetermined'],
    [
      'a critical check skipped because of its prerequisite',
      [result('a', { status: 'skip', reason: 'prerequisite' })],
      'undetermined',
    ],
    ['a critical check that does not apply', [result('a', { status: 'skip', reason: 'not_configured' })], 'healthy'],
  ] as const)('for %s', (_, checks, expected) => {
    expect(concludeOutcome({ ...none, checks: [...checks] })).toBe(expected);
  });

  test('is never healthy while any critical check is unknown', () => {
    const random = randomNumbers(7);
    const all = allChecks({ settings: undefined, problems: [], unreadable: [], secrets: [] });
    for (let round = 0; round < 500; round += 1) {
      const unknown = new Set(all.flatMap(({ id, critical }) => (critical && random() < 0.05 ? [id] : [])));
      const checks = all.map(({ id, critical }) =>
        unknown.has(id) ? result(id, { critical, status: 'unknown', reason: 'crash' }) : result(id, { critical }),
      );
      expect(concludeOutcome({ ...none, checks })).toBe(unknown.size > 0 ? 'undetermined' : 'healthy');
    }
  });

  test.each([
    ['healthy', false, 0],
    ['degraded', false, 0],
    ['degraded', true, 1],
    ['broken', false, 1],
    ['undetermined', false, 3],
    ['undetermined', true, 3],
  ] as const)('%s with strict %s has exit code %i', (outcome, strict, code) => {
    expect(exitCodeOf({ outcome }, strict)).toBe(code);
  });
});

test.each([
  ['rules out a cause if all checks pass', ['net.*.dns'], [result('net.a.dns'), result('net.b.dns')], true],
  [
    'does not rule out a cause if a check fails',
    ['net.*.dns'],
    [result('net.a.dns'), result('net.b.dns', { status: 'fail' })],
    false,
  ],
  [
    'ignores a check that is not configured',
    ['net.*.dns'],
    [result('net.a.dns'), result('net.b.dns', { status: 'skip', reason: 'not_configured' })],
    true,
  ],
  [
    'does not rule out a cause if a check was skipped because of its prerequisite',
    ['net.*.dns'],
    [result('net.a.dns'), result('net.b.dns', { status: 'skip', reason: 'prerequisite' })],
    false,
  ],
  [
    'does not rule out a cause if no check is configured',
    ['net.*.dns'],
    [result('net.b.dns', { status: 'skip', reason: 'not_configured' })],
    false,
  ],
  [
    'ignores checks that match no pattern',
    ['proc.up'],
    [result('proc.up'), result('proc.port', { status: 'fail' })],
    true,
  ],
] as const)('%s', (_, patterns, checks, expected) => {
  expect(isClear([...patterns], [...checks])).toBe(expected);
});

/** Returns a generator of repeatable numbers from 0 to 1. */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return state / 2_147_483_648;
  };
}
