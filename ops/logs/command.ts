// `ops logs`: what the running parts say, one readable line per entry.

import { existsSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { readSettings } from '../../bot/config/load-settings.ts';
import { printable } from '../../bot/telemetry/printable.ts';
import { type Command, UsageError } from '../command.ts';
import { readOnlyComposeEnv } from '../installation/compose-secrets.ts';
import { formatLine } from '../installation/format-line.ts';
import { withComposeValues } from '../installation/installed-settings.ts';
import { runningProfile } from '../installation/profile-file.ts';
import { CommandError } from '../process/command-error.ts';
import { streamCommand } from '../process/run-command.ts';
import { outputFile } from '../process/service.ts';
import { printColoured, printJsonLine } from '../process/terminal.ts';

export const command: Command = {
  name: 'logs',
  summary: 'what the running parts say, one line per entry',
  usage: `Usage: npm run -s ops -- logs [name] [-f] [-n 50] [--json]

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
  // The reader has gone, as with `| head`.
  process.stdout.on('error', () => stop.abort());
  const dir = process.cwd();
  const options = { ...values, lines: Number(values.lines), name: positionals[0], dir, signal: stop.signal };
  const profile = runningProfile(dir);
  return profile === 'lite' || profile === 'full' ? composeLogs(options) : embeddedLogs(options);
}

async function embeddedLogs(options: LogOptions): Promise<number> {
  const sources = chooseSources(options);
  const tag = (name: string) => (sources.length > 1 ? `${name.padEnd(4)}| ` : '');
  const words = [...(options.follow ? ['-F'] : []), '-n', String(options.lines)];
  const shows = sources.map(([name, path]) => () => {
    const onLine = (line: string) => show(tag(name), line, options);
    return endOf('tail', streamCommand('tail', [...words, path], { onLine, signal: options.signal }));
  });
  if (options.follow) await Promise.all(shows.map((show) => show()));
  else for (const show of shows) await show();
  return 0;
}

/** Name and file of what is to be shown; only what exists. */
function chooseSources({ dir, name }: LogOptions): [string, string][] {
  // Not `loadSettings`: logs are wanted most when the settings are broken.
  const { settings, raw } = readSettings({ env: withComposeValues({ env: process.env, dir }), dir });
  const logDir = resolve(dir, settings?.LOG_DIR ?? raw.LOG_DIR?.value ?? 'data/log');
  const files: Record<string, string[]> = {
    lab: [outputFile(dir, 'lab')],
    // The second one holds what a bot says when it cannot even log.
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
  const words = ['--no-color', '--tail', String(lines), ...(follow ? ['--follow'] : []), ...(name ? [name] : [])];
  const ended = streamCommand('docker', ['compose', 'logs', ...words], {
    cwd: dir,
    env: readOnlyComposeEnv(join(dir, '.env'), process.env),
    signal,
    onLine: (line) => {
      const [, tag = '', text = ''] = /^(\S+\s+\| )?(.*)$/s.exec(line) ?? [];
      show(tag, text, options);
    },
  });
  const code = await endOf('docker', ended);
  return code === 0 || code === 'ABORT_ERR' ? 0 : 1;
}

/** @throws CommandError when there is no such program: it would end without a word */
async function endOf(program: string, ended: ReturnType<typeof streamCommand>): Promise<number | string> {
  const { code } = await ended;
  if (code === 'ENOENT') throw new CommandError(`There is no ${program} command. Put it on the PATH, then: make logs`);
  return code;
}

function show(tag: string, line: string, { json }: LogOptions): void {
  const colour = process.stdout.isTTY === true && !process.env.NO_COLOR;
  if (json) printJsonLine(line);
  else printColoured(`${printable(tag)}${formatLine(line, { colour })}`);
}
