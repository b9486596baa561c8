// Parses and validates the arguments of `diagnose`.
import { parseArgs } from 'node:util';
import { closest } from 'fastest-levenshtein';
import { UsageError } from '../command.ts';
import { STANDARD_BUDGET_MS } from './engine/run-checks.ts';

export interface DiagnoseOptions {
  format: 'text' | 'json' | 'markdown';
  sinceMs: number;
  only?: string[];
  strict: boolean;
  budgetMs: number;
  verbose: boolean;
}

const UNIT_MS: Record<string, number> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const MIN_BUDGET_MS = 500;
const MAX_BUDGET_MS = 120_000;

/**
 * Parses the arguments. `ids` are the ids of all checks.
 *
 * @throws `UsageError` for an unknown option or an invalid value.
 */
export function readOptions(argv: string[], ids: string[]): DiagnoseOptions {
  const { values } = parse(argv);
  if (values.json && values.markdown) throw new UsageError('Choose one of --json and --markdown.');
  return {
    format: values.json ? 'json' : values.markdown ? 'markdown' : 'text',
    sinceMs: readDuration(values.since),
    ...(values.only === undefined ? {} : { only: readIds(values.only, ids) }),
    strict: values.strict,
    budgetMs: readBudget(values['budget-ms']),
    verbose: values.verbose,
  };
}

function parse(argv: string[]) {
  try {
    return parseArgs({
      args: argv,
      options: {
        json: { type: 'boolean', default: false },
        markdown: { type: 'boolean', default: false },
        since: { type: 'string', default: '30m' },
        only: { type: 'string' },
        strict: { type: 'boolean', default: false },
        'budget-ms': { type: 'string', default: String(STANDARD_BUDGET_MS) },
        verbose: { type: 'boolean', short: 'v', default: false },
      },
    });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function readDuration(text: string): number {
  const [, count, unit] = /^(\d{1,6})([smhd])$/.exec(text) ?? [];
  const ms = Number(count) * (UNIT_MS[unit ?? ''] ?? Number.NaN);
  if (!(ms > 0)) throw new UsageError(`--since ${text}: give a number and s, m, h or d, such as 30m.`);
  return ms;
}

function readBudget(text: string): number {
  const ms = Number(text);
  if (Number.isInteger(ms) && ms >= MIN_BUDGET_MS && ms <= MAX_BUDGET_MS) return ms;
  throw new UsageError(`--budget-ms ${text}: give milliseconds from ${MIN_BUDGET_MS} to ${MAX_BUDGET_MS}.`);
}

/** Resolves comma-separated ids. A prefix such as `net.feishu` or `net` selects all checks below it. */
function readIds(text: string, ids: string[]): string[] {
  const names = text.split(',').filter(Boolean);
  if (names.length === 0) throw new UsageError('--only needs check ids, such as --only cred,net.');
  return names.flatMap((name) => {
    const found = ids.filter((id) => id === name || id.startsWith(`${name}.`));
    if (found.length === 0) throw new UsageError(`--only ${name}: no such check. Did you mean ${closest(name, ids)}?`);
    return found;
  });
}
