// Tests the arguments of `diagnose`.
import { expect, test } from '@jest/globals';
import { UsageError } from '../../../ops/command.ts';
import { readOptions } from '../../../ops/diagnose/options.ts';

const IDS = ['cfg.schema', 'net.feishu.dns', 'net.feishu.tcp', 'net.model.dns', 'cred.feishu'];
const defaults = { format: 'text', sinceMs: 1_800_000, strict: false, budgetMs: 10_000, verbose: false };

test.each([
  [[], {}],
  [['--json'], { format: 'json' }],
  [['--markdown', '--strict', '-v'], { format: 'markdown', strict: true, verbose: true }],
  [['--since', '45s'], { sinceMs: 45_000 }],
  [['--since', '2h', '--budget-ms', '500'], { sinceMs: 7_200_000, budgetMs: 500 }],
  [['--only', 'cred.feishu'], { only: ['cred.feishu'] }],
  [['--only', 'net.feishu,cfg'], { only: ['net.feishu.dns', 'net.feishu.tcp', 'cfg.schema'] }],
])('parses %j', (argv, expected) => {
  expect(readOptions(argv, IDS)).toEqual({ ...defaults, ...expected });
});

test.each([
  [['--since', 'yesterday'], '--since yesterday: give a number and s, m, h or d, such as 30m.'],
  [['--since', '0m'], '--since 0m: give a number and s, m, h or d, such as 30m.'],
  [['--budget-ms', '1'], '--budget-ms 1: give milliseconds from 500 to 120000.'],
  [['--only', 'cred.feishy'], '--only cred.feishy: no such check. Did you mean cred.feishu?'],
  [['--only', ''], '--only needs check ids, such as --only cred,net.'],
  [['--json', '--markdown'], 'Choose one of --json and --markdown.'],
  [['--trace', 'x'], "Unknown option '--trace'"],
  [['extra'], "Unexpected argument 'extra'"],
])('rejects %j', (argv, message) => {
  const attempt = () => readOptions(argv, IDS);
  expect(attempt).toThrow(UsageError);
  expect(attempt).toThrow(message);
});
