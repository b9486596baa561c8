// Creates the commands `outbox` and `inbox`, which list, show, retry and drop dead letters.
import { type ParseArgsConfig, parseArgs } from 'node:util';
import { descriptorOf, platformIds } from '../../bot/platforms/registry.ts';
import { type Command, UsageError } from '../command.ts';
import { type Database, withDatabase } from '../installation/database.ts';
import { drop, retry } from './change.ts';
import { list, MAX_LIMIT } from './list.ts';
import type { Queue } from './queue.ts';
import { show } from './show.ts';

const FLAGS = {
  state: { type: 'string' },
  platform: { type: 'string' },
  limit: { type: 'string' },
  json: { type: 'boolean' },
  text: { type: 'boolean' },
  all: { type: 'boolean' },
} as const satisfies ParseArgsConfig['options'];

/** Options that each action accepts. */
const ALLOWED: Record<string, readonly string[]> = {
  list: ['state', 'platform', 'limit', 'json'],
  show: ['json', 'text'],
  retry: ['all', 'state', 'platform'],
  drop: ['all', 'state', 'platform'],
};

const DEFAULT_LIMIT = '50';

/** Creates the command of one queue. It throws `UsageError` for wrong arguments. */
export function createQueueCommand(queue: Queue, { name, summary, usage }: Omit<Command, 'run'>): Command {
  return {
    name,
    summary,
    usage,
    run(argv) {
      // Parsed first, so that this process reports wrong usage even if the container of the bot runs the command.
      const work = parseWork(queue, argv);
      return withDatabase({ args: [name, ...argv] }, work, work.run);
    },
  };
}

interface Work {
  readOnly: boolean;
  run: (database: Database) => Promise<number>;
}

function parseWork(queue: Queue, argv: string[]): Work {
  const { values, positionals } = parseArgs({ args: argv, options: FLAGS, allowPositionals: true });
  const [action = '', ...args] = positionals;
  checkOptions(action, Object.keys(values));
  const { all = false, json = false, text = false } = values;
  const chosen = { states: parseStates(queue, values.state, action), platform: parsePlatform(values.platform) };
  const ids = parseIds(args);
  if (action === 'list') {
    if (ids.length > 0) throw new UsageError(`Too many arguments: ${args.join(' ')}`);
    const limit = parseLimit(values.limit ?? DEFAULT_LIMIT);
    return { readOnly: true, run: (database) => list(queue, database, { ...chosen, limit, json }) };
  }
  if (action === 'show') {
    const [id] = ids;
    if (id === undefined || ids.length > 1) throw new UsageError('Give one id, such as: show 17');
    return { readOnly: true, run: (database) => show(queue, database, { id, json, text }) };
  }
  checkChoice(ids, { all, filtered: (values.state ?? values.platform) !== undefined });
  const change = action === 'retry' ? retry : drop;
  return { readOnly: false, run: (database) => change(queue, database, { ...chosen, ids }) };
}

function checkChoice(ids: number[], { all, filtered }: { all: boolean; filtered: boolean }): void {
  if (ids.length > 0 === all) throw new UsageError('Give ids, or --all.');
  if (filtered && !all) throw new UsageError('--state and --platform can only be used with --all.');
}

function checkOptions(action: string, given: string[]): void {
  const allowed = Object.hasOwn(ALLOWED, action) ? ALLOWED[action] : undefined;
  if (!allowed)
    throw new UsageError(action === '' ? 'Missing action: list, show, retry or drop.' : `Unknown action: ${action}`);
  const stray = given.find((name) => !allowed.includes(name));
  if (stray) throw new UsageError(`--${stray} cannot be used with ${action}.`);
}

/** Parses `--state`. `list` accepts every state; the other actions accept the dead states only. */
function parseStates({ states, deadStates }: Queue, given: string | undefined, action: string): readonly string[] {
  if (given === undefined) return deadStates;
  const known = action === 'list' ? states : deadStates;
  const wanted = given.split(',');
  const unknown = wanted.find((state) => !known.includes(state));
  if (unknown !== undefined) throw new UsageError(`--state ${unknown} is not one of ${known.join(', ')}.`);
  return wanted;
}

function parsePlatform(given: string | undefined): string | undefined {
  if (given === undefined || descriptorOf(given)) return given;
  throw new UsageError(`--platform ${given} is not one of ${platformIds().join(', ')}.`);
}

function parseLimit(given: string): number {
  const limit = Number(given);
  if (/^\d+$/.test(given) && limit >= 1 && limit <= MAX_LIMIT) return limit;
  throw new UsageError(`--limit ${given} is not a number from 1 to ${MAX_LIMIT}.`);
}

function parseIds(args: string[]): number[] {
  const bad = args.find((arg) => !/^[1-9]\d{0,14}$/.test(arg));
  if (bad !== undefined) throw new UsageError(`${bad} is not an id, such as 17.`);
  return [...new Set(args.map(Number))];
}
