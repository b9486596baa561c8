// Checks rules that hold for all checks and verdicts: unique ids, declared facts, runbooks.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { allChecks } from '../../../ops/diagnose/checks/all-checks.ts';
import { allRules } from '../../../ops/diagnose/verdicts/all-rules.ts';
import { projectRoot } from '../../../ops/installation/project-root.ts';

const CHECKS = allChecks({ settings: undefined, problems: [], unreadable: [], secrets: [] });
const RUNBOOKS = join(projectRoot(), 'docs/diagnose');
const ids = allRules().map(({ id }) => id);

test('has unique ids', () => {
  expect(new Set(ids).size).toBe(ids.length);
  expect(new Set(CHECKS.map(({ id }) => id)).size).toBe(CHECKS.length);
});

describe.each(allRules())('$id', ({ id, reads, clearedBy, label }) => {
  test('reads only facts that some check declares', () => {
    const declared: string[] = CHECKS.flatMap(({ declares }) => declares);
    expect(reads.filter((key) => !declared.includes(key))).toEqual([]);
  });

  test('is ruled out by existing checks', () => {
    const known = (pattern: string) =>
      CHECKS.some((check) => new RegExp(`^${pattern.replaceAll('.', '\\.').replaceAll('*', '[^.]+')}$`).test(check.id));
    expect(clearedBy.filter((pattern) => !known(pattern))).toEqual([]);
    expect([clearedBy.length > 0, label.length > 0]).toEqual([true, true]);
  });

  test('has a runbook with the four parts', () => {
    const path = join(RUNBOOKS, `${id}.md`);
    expect(existsSync(path)).toBe(true);
    const text = readFileSync(path, 'utf8');
    expect(text.startsWith(`# ${id}\n`)).toBe(true);
    expect([...text.matchAll(/^## (.+)$/gm)].map(([, title]) => title)).toEqual([
      'Meaning',
      'Impact',
      'Diagnosis',
      'Remedy',
    ]);
  });
});

test('has no runbook without a verdict', () => {
  const pages = readdirSync(RUNBOOKS).filter((name) => name !== 'README.md');
  expect(pages.map((name) => name.replace(/\.md$/, '')).sort()).toEqual([...ids].sort());
});

test('links every runbook in the overview', () => {
  const text = readFileSync(join(RUNBOOKS, 'README.md'), 'utf8');
  expect(ids.filter((id) => !text.includes(`[${id}](${id}.md)`))).toEqual([]);
});
