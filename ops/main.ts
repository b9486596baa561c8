#!/usr/bin/env node
// Entry point of the operations command line: `./chatbot <command>`.

import { inspect } from 'node:util';
import { explainSystemError } from '../bot/telemetry/explain-system-error.ts';
import { type Command, type CommandContext, UsageError } from './command.ts';
import { CommandError } from './process/command-error.ts';
import { errorCode } from './process/error-code.ts';
import { print, printError } from './process/terminal.ts';

// Each command is imported on demand, so that its start does not depend on the imports of the others.
const COMMANDS: Record<string, () => Promise<{ command: Command }>> = {
  up: () => import('./up/command.ts'),
  down: () => import('./down/command.ts'),
  status: () => import('./status/command.ts'),
  logs: () => import('./logs/command.ts'),
  outbox: () => import('./queues/outbox-command.ts'),
  inbox: () => import('./queues/inbox-command.ts'),
  tenants: () => import('./tenants/command.ts'),
  data: () => import('./data/command.ts'),
  diagnose: () => import('./diagnose/command.ts'),
  settings: () => import('./settings/command.ts'),
  lab: () => import('./lab/command.ts'),
};

// Ignores write errors: a reader such as `| head` may close the pipe early.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
let handleUncaught: (error: unknown) => void = (error) => void explain(error).then((code) => process.exit(code));
process.on('uncaughtException', (error) => handleUncaught(error));
try {
  process.exitCode = await main(process.argv.slice(2), {
    onUncaught(handler) {
      handleUncaught = handler;
    },
  });
} catch (error) {
  process.exitCode = await explain(error);
}

async function main([name, ...argv]: string[], context: CommandContext): Promise<number> {
  if (name === undefined || name === 'help' || name === '--help' || name === '-h') {
    print(await overview());
    return name === undefined ? 2 : 0;
  }
  const load = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (!load) return reject(`There is no command "${name}".${await suggestion(name)}`, 'Usage: ./chatbot --help');
  const command = await loadCommand(load);
  if (!command)
    return reject(`The command ${name} is not part of this installation.`, 'Run it in a checkout of the project.');
  if (argv.includes('--help') || argv.includes('-h')) {
    print(command.usage());
    return 0;
  }
  try {
    return await command.run(argv, context);
  } catch (error) {
    if (error instanceof UsageError || isParseArgsError(error)) return reject(error.message, '', command.usage());
    throw error;
  }
}

async function overview(): Promise<string> {
  const commands = await Promise.all(Object.values(COMMANDS).map(loadCommand));
  const lines = commands.flatMap((command) => (command ? [`  ${command.name.padEnd(10)}${command.summary}`] : []));
  return `Usage: ./chatbot <command> [options]\n\n${lines.join('\n')}\n\nHelp for one command: ./chatbot <command> --help`;
}

/** Returns undefined if the command is not part of this installation, such as the lab in the container image. */
async function loadCommand(load: () => Promise<{ command: Command }>): Promise<Command | undefined> {
  try {
    return (await load()).command;
  } catch (error) {
    const missing = errorCode(error) === 'ERR_MODULE_NOT_FOUND';
    if (missing && /[\\/]command\.js' imported/.test(String(error))) return undefined;
    throw error;
  }
}

async function suggestion(name: string): Promise<string> {
  const { closest, distance } = await import('fastest-levenshtein');
  const nearest = closest(name, Object.keys(COMMANDS));
  return distance(name, nearest) <= 3 ? ` Did you mean ${nearest}?` : '';
}

/**
 * Prints the error and returns the exit code. 1: an expected failure, or a system error with a known fix. 2: wrong
 * settings, or an unexpected error, so that 1 keeps its meaning.
 */
async function explain(error: unknown): Promise<number> {
  const missing = missingPackage(error);
  if (missing !== undefined)
    return reject(`The package ${missing} is missing or damaged. Install the packages again: npm ci`);
  // Prints the stack only: own properties of errors can contain SQL statements and their values.
  if (process.env.DEBUG === '1') printError(error instanceof Error ? (error.stack ?? error.message) : inspect(error));
  const { SettingsError } = await import('../bot/config/load-settings.ts');
  if (error instanceof SettingsError) return reject('The settings have problems:', error.message);
  const message = error instanceof Error ? error.message : String(error);
  const known = error instanceof CommandError ? message : explainSystemError(error);
  if (known === undefined) return reject(`Failed unexpectedly: ${message} (DEBUG=1 shows where)`);
  printError(known);
  return 1;
}

/** Returns the name of the package that could not be loaded, or undefined for any other error. */
function missingPackage(error: unknown): string | undefined {
  if (!errorCode(error)?.endsWith('MODULE_NOT_FOUND')) return undefined;
  const path = /Cannot find (?:package|module) '([^']+)'/.exec(String(error))?.[1] ?? '';
  const inside = path.split(/node_modules[\\/]/).at(-1) ?? '';
  return /^(?:@[^\\/]+[\\/])?[^\\/]+/.exec(inside)?.[0];
}

/** True for the errors that Node's `parseArgs` throws, such as an unknown option. */
function isParseArgsError(error: unknown): error is Error {
  return error instanceof Error && errorCode(error)?.startsWith('ERR_PARSE_ARGS') === true;
}

function reject(...lines: string[]): 2 {
  printError(lines.join('\n'));
  return 2;
}
