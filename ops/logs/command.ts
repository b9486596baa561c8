// `ops logs`: shows the logs of the running services, one readable line per entry.

import { existsSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { readSettings } from '../../bot/config/load-settings.ts';
import { printable } from '../../bot/telemetry/printable.ts';
import { type Command, UsageError } from '../command.ts';
import { readOnlyComposeEnv } from '../installation/compose-secrets.ts';
import { formatLine } from '../installation/format-line.ts';
import { withPassedValues } from '../installation/installed-settings.ts';
import { runningProfile } from '../installation/profile-file.ts';
import { CommandError } from '../process/command-error.ts';
import { streamCommand } from '../process/run-command.ts';
import { outputFile } from '../process/service.ts';
import { printColoured, printJsonLine } from '../process/terminal.ts';

export const command: Command = {
  name: 'logs',
  summary: 'show the logs, one line per entry',
  usage: () => `Usage: ./chatbot logs [name] [-f] [-n 50] [--json]

  name          embedded: bot, lab, or callbacks (callbacks and pushes only); compose: a service's name
  -f, --follow  keeps printing new lines until interrupted
  -n, --lines   how many of the last lines to begin with (default 50)
  --json        the lines as they were written

With make: make logs ARGS='bot -f'`,
  run,
};

interface LogOptions {
  dir: string;
  name: string | undefined;
  follow: boolean;
  lines: number;
  json: boolean;
  signal: AbortSignal;
}

async function run(argv: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: argv,
    allowPositionals: true,
    options: {
      follow: { type: 'boolean', short: 'f', default: false },
      lines: { type: 'string', short: 'n', default: '50' },
      json: { type: 'boolean', default: false },
    },
  });
  if (positionals.length > 1) throw new UsageError('Give one name, or none for all.');
  if (!/^\d{1,6}$/.test(values.lines))
    throw new UsageError(`-n ${values.lines} is not a number of lines, such as 200.`);
  const stop = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.on(name, () => stop.abort());
  // The reader has closed the pipe, as with `| head`.
  process.stdout.on('error', () => stop.abort());
  const dir = process.cwd();
  const options = { ...values, lines: Number(values.lines), name: positionals[0], dir, signal: stop.signal };
  const profile = runningProfile(dir);
  return profile === 'lite' || profile === 'full' ? composeLogs(options) : embeddedLogs(options);
}

async function embeddedLogs(options: LogOptions): Promise<number> {
  const sources = chooseSources(options);
  const tag = (name: string) => (sources.length > 1 ? `${name.padEnd(4)}| ` : '');
  const args = [...(options.follow ? ['-F'] : []), '-n', String(options.lines)];
  const printers = sources.map(([name, path]) => () => {
    const onLine = (line: string) => printLine(tag(name), line, options);
    return endOf('tail', streamCommand('tail', [...args, path], { onLine, signal: options.signal }));
  });
  if (options.follow) await Promise.all(printers.map((print) => print()));
  else for (const print of printers) await print();
  return 0;
}

/** Returns name and path of each log to show. Missing and empty files are left out. */
function chooseSources({ dir, name }: LogOptions): [string, string][] {
  // Not `loadSettings`, because logs must be readable when the settings are invalid.
  const { settings, raw } = readSettings({ env: withPassedValues({ env: process.env, dir }), dir });
  const logDir = resolve(dir, settings?.LOG_DIR ?? raw.LOG_DIR?.value ?? 'data/log');
  const files: Record<string, string[]> = {
    lab: [outputFile(dir, 'lab')],
    // The second file holds output of the bot outside its log, such as a crash at start.
    bot: [join(logDir, 'app.log'), outputFile(dir, 'bot')],
    callbacks: [join(logDir, 'callback.log')],
  };
  const names = name === undefined ? ['lab', 'bot'] : [name];
  if (name !== undefined && !Object.hasOwn(files, name))
    throw new UsageError(`There is no log "${name}". Known: ${Object.keys(files).join(', ')}.`);
  const found = names.flatMap((key): [string, string][] =>
    (files[key] ?? []).filter((path) => existsSync(path) && statSync(path).size > 0).map((path) => [key, path]),
  );
  if (found.length === 0)
    throw new CommandError('There are no logs yet: nothing was started here. Start with: make up');
  return found;
}

async function composeLogs(options: LogOptions): Promise<number> {
  const { dir, name, follow, lines, signal } = options;
  const args = ['--no-color', '--tail', String(lines), ...(follow ? ['--follow'] : []), ...(name ? [name] : [])];
  const ended = streamCommand('docker', ['compose', 'logs', ...args], {
    cwd: dir,
    env: readOnlyComposeEnv(join(dir, '.env'), process.env),
    signal,
    onLine: (line) => {
      const [, tag = '', text = ''] = /^(\S+\s+\| )?(.*)$/s.exec(line) ?? [];
      printLine(tag, text, options);
    },
  });
  const code = await endOf('docker', ended);
  return code === 0 || code === 'ABORT_ERR' ? 0 : 1;
}

/**
 * Waits for the program.
 * @throws CommandError if there is no such program, because the command would otherwise end without output
 */
async function endOf(program: string, ended: ReturnType<typeof streamCommand>): Promise<number | string> {
  const { code } = await ended;
  if (code === 'ENOENT') throw new CommandError(`There is no ${program} command. Put it on the PATH, then: make logs`);
  return code;
}

function printLine(tag: string, line: string, { json }: LogOptions): void {
  const colour = process.stdout.isTTY === true && !process.env.NO_COLOR;
  if (json) printJsonLine(line);
  else printColoured(`${printable(tag)}${formatLine(line, { colour })}`);
}
