// `make chaos`: runs scenarios in their full form, one after the other. Exits with 1 if a guarantee was violated.
import { parseArgs } from 'node:util';
import { table } from './report.ts';
import { type Result, runScenario } from './run-scenario.ts';
import type { Database, Scenario, Size } from './scenario.ts';
import { scenarios } from './scenarios.ts';

const USAGE = `usage: make chaos ARGS='[scenario ...] [--messages n | --minutes n] [--per-second n] [--kills n] [--database sqlite|mariadb] [--compress n] [--model-delay-ms n] [--seed n] [--short]'
scenarios:
${scenarios.map(({ name, title }) => `  ${name.padEnd(16)} ${title}`).join('\n')}
`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    messages: { type: 'string' },
    minutes: { type: 'string' },
    'per-second': { type: 'string' },
    kills: { type: 'string' },
    database: { type: 'string' },
    compress: { type: 'string' },
    'model-delay-ms': { type: 'string' },
    seed: { type: 'string' },
    short: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

function sizeOf(scenario: Scenario): Size {
  const usual = { ...(values.short ? scenario.short : scenario.full), ...given('perSecond', values['per-second']) };
  const minutes = values.minutes === undefined ? undefined : String(Number(values.minutes) * 60 * usual.perSecond);
  return {
    ...usual,
    ...given('messages', values.messages ?? minutes),
    ...given('times', values.kills),
    ...given('compress', values.compress),
    ...given('modelDelayMs', values['model-delay-ms']),
  };
}

function given(name: keyof Size, value: string | undefined): Partial<Size> {
  if (value === undefined) return {};
  if (!/^\d+$/.test(value)) throw new Error(`${value} is not a whole number.`);
  return { [name]: Number(value) };
}

function write(line: string): void {
  process.stdout.write(`${line}\n`);
}

async function runOne(scenario: Scenario, database: Database, seed: number): Promise<Result> {
  const started = Date.now();
  const log = (line: string) => write(`  ${Math.round((Date.now() - started) / 1000)} s  ${line}`);
  const size = sizeOf(scenario);
  write(`${scenario.name} on ${database}: ${scenario.title}; seed ${seed}, ${JSON.stringify(size)}`);
  const result = await runScenario({ scenario, database, size, seed, log });
  write(JSON.stringify(result));
  for (const sentence of result.broken) write(`  VIOLATED: ${sentence}`);
  return result;
}

/** Returns the scenarios to run. Prints and omits those that this machine cannot run. */
function plan(): [Scenario, Database][] {
  const wanted = scenarios.filter(({ name }) => positionals.length === 0 || positionals.includes(name));
  return wanted.flatMap((scenario) => {
    const missing = scenario.missing?.();
    if (missing !== undefined) write(`${scenario.name}: skipped, ${missing}`);
    const databases = missing === undefined ? scenario.databases : [];
    return databases
      .filter((database) => values.database === undefined || values.database === database)
      .map((database): [Scenario, Database] => [scenario, database]);
  });
}

async function main(): Promise<number> {
  const unknown = positionals.some((wanted) => !scenarios.some(({ name }) => name === wanted));
  if (values.help || unknown) {
    write(USAGE);
    return values.help ? 0 : 2;
  }
  const seed = Number(values.seed ?? Date.now() % 1_000_000);
  const results: Result[] = [];
  for (const [scenario, database] of plan()) results.push(await runOne(scenario, database, seed));
  write(table(results));
  return results.some((result) => result.broken.length > 0) ? 1 : 0;
}

// `process.exit` calls the `exit` listeners, which end the bot.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));
process.exitCode = await main();
