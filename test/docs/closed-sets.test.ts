// Compares the documented reasons, outcomes and error classes with the closed sets of the code.

import { expect, test } from '@jest/globals';
import type { Argument } from '@swc/core';
import { CALLBACK_OUTCOMES, type CallbackResult, IGNORED_REASONS, rejectedStatus } from '../../bot/domain/callback.ts';
import { PUSH_ERROR_CLASSES } from '../../bot/domain/delivery.ts';
import { INFERENCE_ERROR_CLASSES } from '../../bot/domain/inference.ts';
import { codeSpans, section, tableRows } from './markdown.ts';
import { readText } from './project-files.ts';
import { memberText, nodesOfType, parseFile } from './source.ts';

const architecture = readText('ARCHITECTURE.md');
const reasons = new Map(
  tableRows(section(architecture, 'Reasons of a callback'), 'outcome').map(([outcome = '', cell = '']) => [
    codeSpans(outcome).join(),
    codeSpans(cell),
  ]),
);

type ChallengeReason = Extract<CallbackResult, { kind: 'challenge' }>['reason'];
// A missing or additional reason is a type error.
const challenges: Record<ChallengeReason, true> = { url_verification: true, check_url: true };

test('the table of callbacks has every outcome', () => {
  expect([...reasons.keys()]).toEqual([...CALLBACK_OUTCOMES]);
});

test.each([
  ['challenge', Object.keys(challenges)],
  ['ignored', IGNORED_REASONS],
  ['rejected', Object.keys(rejectedStatus)],
])('the table of callbacks has every reason of %s', (outcome, expected) => {
  expect([...(reasons.get(outcome) ?? [])].sort()).toEqual([...expected].sort());
});

test.each(['accepted', 'duplicate', 'error'])(
  'the table of callbacks has every reason of %s in the intake',
  (outcome) => {
    expect([...(reasons.get(outcome) ?? [])].sort()).toEqual([...intakeReasons(outcome)].sort());
  },
);

/** Reasons that `bot/intake` gives with this outcome, in an object or as arguments of a call. */
function intakeReasons(outcome: string): Set<string> {
  const intake = parseFile('bot/intake/intake.ts');
  const objects = [...nodesOfType(intake, 'ObjectExpression')].map(({ properties }) => [
    memberText(properties, 'outcome'),
    memberText(properties, 'reason'),
  ]);
  const calls = [...nodesOfType(intake, 'CallExpression')].map((call) => call.arguments.map(literal));
  const pairs = [...objects, ...calls].filter(([first]) => first === outcome);
  return new Set(pairs.flatMap(([, reason]) => reason ?? []));
}

function literal({ expression }: Argument): string | undefined {
  return expression.type === 'StringLiteral' ? expression.value : undefined;
}

test('the page of TENANT_UNKNOWN explains every other reason for ignoring a message', () => {
  const rows = tableRows(readText('docs/diagnose/TENANT_UNKNOWN.md'), 'reason');
  const explained = rows.flatMap(([reason = '']) => codeSpans(reason));
  expect(explained.sort()).toEqual(IGNORED_REASONS.filter((reason) => reason !== 'unknown_tenant').sort());
});

test('ARCHITECTURE.md lists the error classes of a push', () => {
  expect(codeSpans(section(architecture, 'Error classes of a push'))).toEqual(PUSH_ERROR_CLASSES);
});

test('docs/models.md explains every error class of a model that a person sees', () => {
  const rows = tableRows(readText('docs/models.md'), 'class');
  const explained = rows.flatMap(([classes = '']) => codeSpans(classes));
  expect(explained.sort()).toEqual(INFERENCE_ERROR_CLASSES.filter((name) => name !== 'unknown').sort());
});
