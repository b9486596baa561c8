// The choice of causes on small made-up rules, and the outcome it leads to.
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

interface Told {
  layer?: Layer;
  confidence?: Confidence;
  past?: boolean;
  causeSince?: string;
}

function rule(
  id: string,
  explains: string[],
  { layer = 5, confidence = 'proven', past = false, causeSince }: Told = {},
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
  ['nothing to explain', [], [], nothing],
  ['nothing that explains', [], [dns], { ...nothing, unexplained: ['dns'] }],
  ['one cause for both', [rule('A', ['dns', 'queue'])], [dns, queue], { ...nothing, primary: 'A' }],
  [
    'two independent causes, the heavier first',
    [rule('LIGHT', ['queue']), rule('HEAVY', ['dns'])],
    [dns, queue],
    { ...nothing, primary: 'HEAVY', contributing: ['LIGHT'] },
  ],
  [
    'the lower cause of two that explain the same',
    [rule('HIGH', ['dns'], { layer: 7 }), rule('LOW', ['dns'], { layer: 2 })],
    [dns],
    { ...nothing, primary: 'LOW' },
  ],
  [
    'a lower guess does not remove a higher proof',
    [rule('PROOF', ['dns', 'cred'], { layer: 7 }), rule('GUESS', ['dns', 'cred'], { layer: 2, confidence: 'likely' })],
    [dns, cred],
    { ...nothing, primary: 'PROOF' },
  ],
  [
    'a lower cause of less does not remove a higher cause of more',
    [rule('MORE', ['dns', 'cred'], { layer: 7 }), rule('LESS', ['dns'], { layer: 2 })],
    [dns, cred],
    { ...nothing, primary: 'MORE' },
  ],
  ['two equal causes', [rule('A', ['dns']), rule('B', ['dns'])], [dns], { ...nothing, primary: 'A', tied: true }],
  [
    'a possibility is told and chosen by nobody',
    [rule('MAYBE', ['dns'], { confidence: 'possible' })],
    [dns],
    { ...nothing, alsoSeen: ['MAYBE'], unexplained: ['dns'] },
  ],
  ['something that is over', [rule('PAST', [], { past: true })], [], { ...nothing, alsoSeen: ['PAST'] }],
  ['a rule with nothing to explain', [rule('IDLE', [])], [], nothing],
  [
    'a cause that began an hour after its effect',
    [rule('LATE', ['dns'], { causeSince: NOW })],
    [symptom('dns', 100, '2026-11-22T09:00:00.000Z')],
    { ...nothing, alsoSeen: ['LATE'], unexplained: ['dns'] },
  ],
  [
    'a cause that was noticed seconds after its effect',
    [rule('TIMELY', ['dns'], { causeSince: NOW })],
    [symptom('dns', 100, '2026-11-22T09:59:30.000Z')],
    { ...nothing, primary: 'TIMELY' },
  ],
];

test.each(decisions)('%s', (_, rules, symptoms, expected) => {
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
    ['all fine', [result('a')], 'healthy'],
    ['a warning', [result('a', { status: 'warn' })], 'degraded'],
    [
      'something unimportant unknown',
      [result('a', { critical: false, status: 'unknown', reason: 'timeout' })],
      'degraded',
    ],
    ['something critical unknown', [result('a', { status: 'unknown', reason: 'no_permission' })], 'undetermined'],
    [
      'something critical behind something unknown',
      [result('a', { status: 'skip', reason: 'prerequisite' })],
      'undetermined',
    ],
    ['something critical that does not apply', [result('a', { status: 'skip', reason: 'not_configured' })], 'healthy'],
  ] as const)('%s', (_, checks, expected) => {
    expect(concludeOutcome({ ...none, checks: [...checks] })).toBe(expected);
  });

  test('whatever critical checks are unknown, it is never called healthy', () => {
    const random = randomNumbers(7);
    const all = allChecks({ settings: undefined, problems: [], secrets: [] });
    for (let round = 0; round < 500; round += 1) {
      const lost = new Set(all.flatMap(({ id, critical }) => (critical && random() < 0.05 ? [id] : [])));
      const checks = all.map(({ id, critical }) =>
        lost.has(id) ? result(id, { critical, status: 'unknown', reason: 'crash' }) : result(id, { critical }),
      );
      expect(concludeOutcome({ ...none, checks })).toBe(lost.size > 0 ? 'undetermined' : 'healthy');
    }
  });

  test.each([
    ['healthy', false, 0],
    ['degraded', false, 0],
    ['degraded', true, 1],
    ['broken', false, 1],
    ['undetermined', false, 3],
    ['undetermined', true, 3],
  ] as const)('%s, strict %s: exit code %i', (outcome, strict, code) => {
    expect(exitCodeOf({ outcome }, strict)).toBe(code);
  });
});

test.each([
  ['all fine', ['net.*.dns'], [result('net.a.dns'), result('net.b.dns')], true],
  ['one fails', ['net.*.dns'], [result('net.a.dns'), result('net.b.dns', { status: 'fail' })], false],
  [
    'one is not configured',
    ['net.*.dns'],
    [result('net.a.dns'), result('net.b.dns', { status: 'skip', reason: 'not_configured' })],
    true,
  ],
  [
    'one was never reached',
    ['net.*.dns'],
    [result('net.a.dns'), result('net.b.dns', { status: 'skip', reason: 'prerequisite' })],
    false,
  ],
  ['none is configured', ['net.*.dns'], [result('net.b.dns', { status: 'skip', reason: 'not_configured' })], false],
  ['others do not matter', ['proc.up'], [result('proc.up'), result('proc.port', { status: 'fail' })], true],
] as const)('ruled out when %s', (_, patterns, checks, expected) => {
  expect(isClear([...patterns], [...checks])).toBe(expected);
});

/** Repeatable numbers from 0 to 1. */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return state / 2_147_483_648;
  };
}
