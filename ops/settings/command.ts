// Command `ops settings`: checks the settings, shows their sources, and generates documents from their table.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { describeSettings, type SettingRow } from '../../bot/config/describe-settings.ts';
import { hidePassword } from '../../bot/config/hide-password.ts';
import { type LoadOptions, type ReadSettings, readSettings, SettingsError } from '../../bot/config/load-settings.ts';
import { printable } from '../../bot/telemetry/printable.ts';
import { createRedactor } from '../../bot/telemetry/redact.ts';
import { type Command, UsageError } from '../command.ts';
import { print, printError } from '../process/terminal.ts';
import { renderEnvExample } from './env-example.ts';
import { renderSettingsPage } from './settings-page.ts';

/**
 * Valid settings: prints one line and the warnings, and returns 0. Invalid settings: prints all problems, returns 1.
 */
function check(options: LoadOptions): number {
  const { settings, problems } = readSettings(options);
  if (settings === undefined) {
    printError(new SettingsError(problems).message);
    return 1;
  }
  print('Settings are valid.');
  for (const warning of settings.warnings) print(`Warning: ${warning}`);
  return 0;
}

/** Returns the value for display. A secret is shown as `set`. */
function shownValue({ name, secret, defaultText }: SettingRow, { raw }: ReadSettings): string {
  const value = raw[name]?.value ?? defaultText;
  if (value === '') return 'unset';
  // Addresses are shown without their password. DATABASE_URL is a secret only because of its password.
  return secret && name !== 'DATABASE_URL' ? 'set' : createRedactor([])(hidePassword(value));
}

function show(options: LoadOptions): number {
  const read = readSettings(options);
  const rows = describeSettings().map((row) => {
    const fallback = row.defaultText === '' ? '' : 'default';
    return [row.name, shownValue(row, read), read.raw[row.name]?.source ?? fallback] as const;
  });
  const shown = rows.map((row) => row.map(printable));
  const width = (column: number): number => Math.max(...shown.map((row) => row[column]?.length ?? 0));
  for (const [name = '', value = '', source] of shown) {
    print(`${name.padEnd(width(0))}  ${value.padEnd(width(1))}  ${source}`.trimEnd());
  }
  for (const { problem, fix } of read.problems) printError(`${problem} ${fix}`);
  return read.problems.length === 0 ? 0 : 1;
}

function readIfExists(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return ''; // a missing document counts as outdated
  }
}

function writeDocs(dir: string, onlyCheck: boolean): number {
  const rows = describeSettings();
  const documents = { '.env.example': renderEnvExample(rows), 'docs/settings.md': renderSettingsPage(rows) };
  const outdated = Object.entries(documents).filter(([path, text]) => readIfExists(join(dir, path)) !== text);
  for (const [path, text] of outdated) {
    if (onlyCheck) {
      printError(`${path} does not match the table of settings. Run: ./chatbot settings docs`);
    } else {
      mkdirSync(dirname(join(dir, path)), { recursive: true });
      writeFileSync(join(dir, path), text);
      print(`Wrote ${path}.`);
    }
  }
  return onlyCheck && outdated.length > 0 ? 1 : 0;
}

const usage = () => `Usage: ./chatbot settings <check|show|docs>

  check          checks the settings and reports all problems (exit 1 if there are any)
  show           lists every setting with its value and source; a secret is shown as "set"
  docs [--check] writes .env.example and docs/settings.md, or only compares them (exit 1 if outdated)`;

/** Reads the settings of the current folder. */
export const command: Command = {
  name: 'settings',
  summary: 'check the settings, show their sources, generate their documents',
  usage,
  async run(argv) {
    const { values, positionals } = parseSettingsArgs(argv);
    const [action, ...more] = positionals;
    if (more.length > 0) throw new UsageError(`Too many arguments: ${more.join(' ')}`);
    if (values.check === true && action !== 'docs') throw new UsageError('--check can only be used with docs.');
    if (action === 'check') return check({});
    if (action === 'show') return show({});
    if (action === 'docs') return writeDocs(process.cwd(), values.check === true);
    throw new UsageError(action === undefined ? 'Missing action: check, show or docs.' : `Unknown action: ${action}`);
  },
};

function parseSettingsArgs(argv: string[]) {
  try {
    return parseArgs({ args: argv, options: { check: { type: 'boolean' } }, allowPositionals: true });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}
