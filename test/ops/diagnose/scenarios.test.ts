// Diagnoses every fault of the scenarios: exactly the right cause, no secret in the report, and the exit code.
import { afterEach, beforeAll, expect, test } from '@jest/globals';
import { allChecks } from '../../../ops/diagnose/checks/all-checks.ts';
import { renderMarkdown } from '../../../ops/diagnose/render/markdown.ts';
import { renderText } from '../../../ops/diagnose/render/text.ts';
import { type Report, reportSchema } from '../../../ops/diagnose/report.ts';
import { allRules } from '../../../ops/diagnose/verdicts/all-rules.ts';
import { SCENARIOS } from './scenarios.ts';
import { build, diagnoseByCommand, diagnoseHere, startWorld, type World } from './world.ts';

const CHECKS = allChecks({ settings: undefined, problems: [], unreadable: [], secrets: [] });
const emitted = new Set<string>();
let world: World | undefined;

beforeAll(build);
afterEach(async () => {
  await world?.stop();
  world = undefined;
});

test.each(SCENARIOS)('$name', async (scenario) => {
  world = await startWorld();
  await scenario.inject(world);
  const { report, exitCode } = scenario.ports
    ? await diagnoseHere(world.dir, scenario.ports)
    : await diagnoseByCommand(world.dir);

  expect({ ...essence(report), exitCode }).toEqual({
    outcome: scenario.outcome,
    primary: scenario.primary,
    contributing: scenario.contributing ?? [],
    alsoSeen: scenario.alsoSeen ?? [],
    unexplained: scenario.unexplained ?? [],
    exitCode: scenario.exitCode,
  });
  expect(reportSchema.safeParse(report).error).toBeUndefined();
  expect(report.checks.map(({ id }) => id)).toEqual(CHECKS.map(({ id }) => id));
  expect(report.budget.exhausted).toBe(false);
  for (const output of [
    JSON.stringify(report),
    renderText(report, { color: true, verbose: true }),
    renderMarkdown(report),
  ]) {
    expect(secretsOf(world.env).filter((secret) => output.includes(secret))).toEqual([]);
  }
  for (const { key } of report.checks.flatMap(({ facts }) => facts)) emitted.add(withoutTarget(key));
});

test('has a scenario for every verdict', () => {
  const shown = new Set(SCENARIOS.flatMap(({ primary, contributing = [] }) => [primary, ...contributing]));
  expect(
    allRules()
      .map(({ id }) => id)
      .filter((id) => !shown.has(id)),
  ).toEqual([]);
});

// Runs last, because the scenarios before it collect the emitted facts.
test('emits every declared fact in some scenario', () => {
  const declared = new Set(CHECKS.flatMap(({ declares }) => declares.map(withoutTarget)));
  expect([...declared].filter((key) => !emitted.has(key) && !HARD_TO_PROVOKE.has(key))).toEqual([]);
});

/** Facts of TLS have separate tests, because the lab uses plain HTTP. */
const HARD_TO_PROVOKE = new Set(['net.*.tls.failure', 'net.*.tls.validTo']);

function essence({ outcome, primary, contributing, alsoSeen, unexplained }: Report) {
  const ids = (list: { id: string }[]) => list.map(({ id }) => id);
  return {
    outcome,
    primary: primary?.id,
    contributing: ids(contributing),
    alsoSeen: ids(alsoSeen),
    unexplained: ids(unexplained),
  };
}

function withoutTarget(key: string): string {
  return key.replace(/^net\.[\w-]+\./, 'net.*.');
}

function secretsOf(env: Record<string, string>): string[] {
  const named = Object.entries(env).filter(([name]) => /SECRET|ENCRYPT_KEY|AES_KEY|TOKEN|API_KEY/.test(name));
  return [...named.map(([, value]) => value).filter((value) => value !== ''), 'planted-password'];
}
