// `diagnose`: names the root cause of a failure, with evidence, in seconds.
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

const USAGE = `Usage: npm run -s diagnose -- [options]

Looks at the bot, its platforms, its model, its database and its log, and names the root cause of what is wrong.
Changes nothing and sends no message.

  --json            the report as one JSON object
  --markdown        the report for an incident channel
  --since 30m       how far back the log is read: a number and s, m, h or d
  --only ids        these checks and what they need, such as cred.feishu,net (ids: -v)
  --strict          warnings are faults too
  --budget-ms 10000 give up after this many milliseconds; more gives each check more time on a slow machine
  -v, --verbose     list every check

Exit code: 0 healthy or warnings only, 1 a cause was found, 2 wrong usage or crash, 3 undetermined.`;

/** A finished report must not hang: lingering handles are named and cut off after this many milliseconds. */
const LINGER_MS = 500;
/** A report of what is known must come within this many milliseconds after an error that nothing caught. */
const REPORT_AFTER_CRASH_MS = 1_000;
/** Columns: less cannot be aligned, more is hard to read. */
const NARROWEST = 60;
const WIDEST = 120;

export const command: Command = {
  name: 'diagnose',
  summary: 'Name the root cause of what is wrong',
  usage: USAGE,
  async run(argv, context) {
    const options = readOptions(argv, checkIds());
    const ran = await runInBotContainer({ args: ['diagnose', ...argv] }).catch((error: unknown) => ({
      dockerError: explainSystemError(error) ?? String(error),
    }));
    if (ran === 'gone') printError('The container of the bot is not running, so this host is looked at instead.');
    if (typeof ran === 'object')
      printError(`The container of the bot cannot be asked, so this host is looked at instead: ${ran.dockerError}`);
    const code = typeof ran === 'number' ? ran : await diagnose(options, context);
    setTimeout(() => endLingering(code), LINGER_MS).unref();
    return code;
  },
};

async function diagnose(options: DiagnoseOptions, context: CommandContext | undefined): Promise<number> {
  const dir = process.cwd();
  const progress = createProgress(process.stderr, options.format === 'text');
  const crash = watchForCrash(context, (error) => {
    progress.clear();
    explainCrash(error, dir);
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
    explainCrash(crash.error(), dir, 'The report above holds what was known until then.');
    return 2;
  } catch (error) {
    progress.clear();
    explainCrash(error, dir);
    return 2;
  }
}

interface CrashWatch {
  /** Aborts with the first error that nothing caught: the checks end, and the report holds what is known. */
  signal: AbortSignal;
  error(): unknown;
}

/** `late` is called when no report comes of it within a second. */
function watchForCrash(context: CommandContext | undefined, late: (error: unknown) => void): CrashWatch {
  const crash = new AbortController();
  context?.onUncaught((error) => {
    if (crash.signal.aborted) return;
    setTimeout(() => late(error), REPORT_AFTER_CRASH_MS).unref();
    crash.abort(error);
  });
  return { signal: crash.signal, error: () => crash.signal.reason };
}

/** Exit code 2 alone would say nothing: names the cause, and how to look further. */
function explainCrash(error: unknown, dir: string, more = ''): void {
  if (process.env.DEBUG === '1') printError(inspect(error));
  const { secrets } = readInstalledSettings({ env: process.env, dir });
  const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  const known =
    explainSystemError(error) ??
    'Run it again with DEBUG=1 to see where; make status and make logs also show the state.';
  const words = [`The diagnosis itself failed: ${text}.`, more, known].filter((part) => part !== '').join(' ');
  printError(createRedactor({ secrets }).text(words));
}

function render(report: Report, { format, verbose }: DiagnoseOptions): string {
  if (format === 'json') return `${toJsonLine(report)}\n`;
  if (format === 'markdown') return renderMarkdown(report);
  const width = Math.min(Math.max(process.stdout.columns ?? 100, NARROWEST), WIDEST);
  return renderText(report, { color: wantsColor(), verbose, width });
}

function wantsColor(): boolean {
  const { NO_COLOR, FORCE_COLOR } = process.env;
  if (NO_COLOR) return false;
  return FORCE_COLOR ? FORCE_COLOR !== '0' : process.stdout.isTTY === true;
}

function endLingering(code: number): void {
  printError(`diagnose: ended with open handles: ${process.getActiveResourcesInfo().join(', ')}`);
  process.exit(code);
}

function checkIds(): string[] {
  return allChecks({ settings: undefined, problems: [], secrets: [] }).map(({ id }) => id);
}
