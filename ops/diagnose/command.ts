// `diagnose`: names the root cause of a failure, with evidence, in seconds.
import { packageVersion } from '../../bot/package-info.ts';
import type { Command } from '../command.ts';
import { runInBotContainer } from '../up/bot-container.ts';
import { allChecks } from './checks/all-checks.ts';
import { exitCodeOf } from './judge/outcome.ts';
import { type DiagnoseOptions, readOptions } from './options.ts';
import { createRealPorts } from './ports/real-ports.ts';
import { createProgress } from './progress.ts';
import { readDoctorSettings } from './read-settings.ts';
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
/** Columns: less cannot be aligned, more is hard to read. */
const NARROWEST = 60;
const WIDEST = 120;

export const command: Command = {
  name: 'diagnose',
  summary: 'Name the root cause of what is wrong',
  usage: USAGE,
  async run(argv) {
    const options = readOptions(argv, checkIds());
    const ran = await runInBotContainer({ words: ['diagnose', ...argv] });
    if (ran === 'gone') console.error('The container of the bot is not running, so this host is looked at instead.');
    const code = typeof ran === 'number' ? ran : await diagnose(options);
    setTimeout(() => endLingering(code), LINGER_MS).unref();
    return code;
  },
};

async function diagnose(options: DiagnoseOptions): Promise<number> {
  const dir = process.cwd();
  const progress = createProgress(process.stderr, options.format === 'text');
  try {
    const { sinceMs, budgetMs, only } = options;
    const ports = createRealPorts({ dir });
    const run = { env: process.env, dir, ports, version: packageVersion(), sinceMs, budgetMs, onChange: progress.show };
    const report = await runDiagnosis({ ...run, ...(only ? { only } : {}) });
    progress.clear();
    await write(render(report, options));
    return exitCodeOf(report, options.strict);
  } catch (error) {
    progress.clear();
    const { secrets } = readDoctorSettings({ env: process.env, dir });
    const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    console.error(`The diagnosis itself failed: ${createRedactor({ secrets }).text(text)}`);
    return 2;
  }
}

function render(report: Report, { format, verbose }: DiagnoseOptions): string {
  if (format === 'json') return `${JSON.stringify(report)}\n`;
  if (format === 'markdown') return renderMarkdown(report);
  const width = Math.min(Math.max(process.stdout.columns ?? 100, NARROWEST), WIDEST);
  return renderText(report, { color: wantsColor(), verbose, width });
}

function wantsColor(): boolean {
  const { NO_COLOR, FORCE_COLOR } = process.env;
  if (NO_COLOR) return false;
  return FORCE_COLOR ? FORCE_COLOR !== '0' : process.stdout.isTTY === true;
}

/** Resolves when the text has left: a pipe takes 64 KiB at a time. */
function write(text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    process.stdout.write(text, (error) => (error ? reject(error) : resolve()));
  });
}

function endLingering(code: number): void {
  console.error(`diagnose: ended with open handles: ${process.getActiveResourcesInfo().join(', ')}`);
  process.exit(code);
}

function checkIds(): string[] {
  return allChecks({ settings: undefined, problems: [], secrets: [] }).map(({ id }) => id);
}
