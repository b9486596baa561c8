// Implements `diagnose`, which names the root cause of a fault, with evidence, in seconds.
import { inspect } from 'node:util';
import { packageVersion } from '../../bot/runtime/package-info.ts';
import { explainSystemError } from '../../bot/telemetry/explain-system-error.ts';
import type { Command, CommandContext } from '../command.ts';
import { runInBotContainer } from '../installation/bot-container.ts';
import { readInstalledSettings } from '../installation/installed-settings.ts';
import { printError, toJsonLine, writeColoured } from '../process/terminal.ts';
import { allChecks } from './checks/all-checks.ts';
import { exitCodeOf } from './judge/outcome.ts';
import { type DiagnoseOptions, readOptions } from './options.ts';
import { createRealPorts } from './ports/real-ports.ts';
import { createProgress } from './progress.ts';
import { createRedactor } from './redact.ts';
import { renderMarkdown } from './render/markdown.ts';
import { renderText } from './render/text.ts';
import type { Report } from './report.ts';
import { runDiagnosis } from './run-diagnosis.ts';

const usage = () => `Usage: ./chatbot diagnose [options]

Checks the bot, its platforms, its model, its database and its log, and names the root cause of a fault.
Changes nothing and sends no message.

  --json            print the report as one JSON object
  --markdown        print the report for an incident channel
  --since 30m       read the log of this period up to now: a number and s, m, h or d
  --only ids        run these checks and their prerequisites, such as cred,net (ids: -v)
  --strict          treat warnings as faults
  --budget-ms 10000 stop after this many milliseconds; more gives each check more time on a slow machine
  -v, --verbose     list every check

Exit code: 0 healthy or warnings only, 1 a cause was found, 2 wrong usage or crash, 3 undetermined.`;

/** Milliseconds after the report until the process ends despite open handles, so that it cannot hang. */
const EXIT_AFTER_MS = 500;
/** Maximum milliseconds from an uncaught error to the report of the results so far. */
const REPORT_AFTER_CRASH_MS = 1_000;
/** Limits of the width of the report: fewer columns cannot be aligned, more are hard to read. */
const MIN_COLUMNS = 60;
const MAX_COLUMNS = 120;

export const command: Command = {
  name: 'diagnose',
  summary: 'Name the root cause of a fault',
  usage,
  async run(argv, context) {
    const options = readOptions(argv, checkIds());
    const ran = await runInBotContainer({ args: ['diagnose', ...argv] }).catch((error: unknown) => ({
      dockerError: explainSystemError(error) ?? String(error),
    }));
    if (ran === 'gone') printError('The container of the bot is not running, so the diagnosis runs on this host.');
    if (typeof ran === 'object')
      printError(`The container of the bot cannot be reached, so the diagnosis runs on this host: ${ran.dockerError}`);
    const code = typeof ran === 'number' ? ran : await diagnose(options, context);
    setTimeout(() => exitDespiteHandles(code), EXIT_AFTER_MS).unref();
    return code;
  },
};

async function diagnose(options: DiagnoseOptions, context: CommandContext | undefined): Promise<number> {
  const dir = process.cwd();
  const progress = createProgress(process.stderr, options.format === 'text');
  const crash = watchForCrash(context, (error) => {
    progress.clear();
    printCrash(error, dir);
    process.exit(2);
  });
  try {
    const { sinceMs, budgetMs, only } = options;
    const ports = createRealPorts({ dir });
    const run = { env: process.env, dir, ports, version: packageVersion(), sinceMs, budgetMs, onChange: progress.show };
    const report = await runDiagnosis({ ...run, signal: crash.signal, ...(only ? { only } : {}) });
    progress.clear();
    await writeColoured(render(report, options));
    if (!crash.signal.aborted) return exitCodeOf(report, options.strict);
    printCrash(crash.error(), dir, 'The report above contains the results up to this error.');
    return 2;
  } catch (error) {
    progress.clear();
    printCrash(error, dir);
    return 2;
  }
}

interface CrashWatch {
  /** Aborts with the first uncaught error. The checks then end, and the report contains their results so far. */
  signal: AbortSignal;
  error(): unknown;
}

/** Aborts the run after an uncaught error. Calls `onNoReport` if no report is printed within a second after that. */
function watchForCrash(context: CommandContext | undefined, onNoReport: (error: unknown) => void): CrashWatch {
  const crash = new AbortController();
  context?.onUncaught((error) => {
    if (crash.signal.aborted) return;
    setTimeout(() => onNoReport(error), REPORT_AFTER_CRASH_MS).unref();
    crash.abort(error);
  });
  return { signal: crash.signal, error: () => crash.signal.reason };
}

/** Prints the cause of a crash and the next step, because exit code 2 does not name the cause. */
function printCrash(error: unknown, dir: string, more = ''): void {
  if (process.env.DEBUG === '1') printError(inspect(error));
  const { secrets } = readInstalledSettings({ env: process.env, dir });
  const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  const nextStep =
    explainSystemError(error) ??
    'Run it again with DEBUG=1 to see the stack trace; make status and make logs show the state of the bot.';
  const message = [`The diagnosis itself failed: ${text}.`, more, nextStep].filter((part) => part !== '').join(' ');
  printError(createRedactor({ secrets }).text(message));
}

function render(report: Report, { format, verbose }: DiagnoseOptions): string {
  if (format === 'json') return `${toJsonLine(report)}\n`;
  if (format === 'markdown') return renderMarkdown(report);
  const width = Math.min(Math.max(process.stdout.columns ?? 100, MIN_COLUMNS), MAX_COLUMNS);
  return renderText(report, { color: wantsColor(), verbose, width });
}

function wantsColor(): boolean {
  const { NO_COLOR, FORCE_COLOR } = process.env;
  if (NO_COLOR) return false;
  return FORCE_COLOR ? FORCE_COLOR !== '0' : process.stdout.isTTY === true;
}

function exitDespiteHandles(code: number): void {
  printError(`diagnose: ended with open handles: ${process.getActiveResourcesInfo().join(', ')}`);
  process.exit(code);
}

function checkIds(): string[] {
  return allChecks({ settings: undefined, problems: [], unreadable: [], secrets: [] }).map(({ id }) => id);
}
