// `outbox` and `inbox`: look at dead letters, try them again, give them up. One code for both queues.
import { type ParseArgsConfig, parseArgs } from 'node:util';
import { platformIds } from '../../bot/platforms/registry.ts';
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

/** Which options go with which action. */
const ALLOWED: Record<string, readonly string[]> = {
  list: ['state', 'platform', 'limit', 'json'],
  show: ['json', 'text'],
  retry: ['all', 'state', 'platform'],
  drop: ['all', 'state', 'platform'],
};

const DEFAULT_LIMIT = '50';

export function createQueueCommand(queue: Queue, { name, summary, usage }: Omit<Command, 'run'>): Command {
  return {
    name,
    summary,
    usage,
    run(argv) {
      // Read first: wrong words are told here, whoever runs the work.
      const work = readWork(queue, argv);
      return withDatabase({ args: [name, ...argv] }, work, work.run);
    },
  };
}

interface Work {
  readOnly: boolean;
  run: (database: Database) => Promise<number>;
}

function readWork(queue: Queue, argv: string[]): Work {
  const { values, positionals } = parseArgs({ args: argv, options: FLAGS, allowPositionals: true });
  const [action = '', ...words] = positionals;
  checkOptions(action, Object.keys(values));
  const { all = false, json = false, text = false } = values;
  const chosen = { states: readStates(queue, values.state, action), platform: readPlatform(values.platform) };
  const ids = readIds(words);
  if (action === 'list') {
    if (ids.length > 0) throw new UsageError(`Too many words: ${words.join(' ')}`);
    const limit = readLimit(values.limit ?? DEFAULT_LIMIT);
    return { readOnly: true, run: (database) => list(queue, database, { ...chosen, limit, json }) };
  }
  if (action === 'show') {
    const [id] = ids;
    if (id === undefined || ids.length > 1) throw new UsageError('Say one id, such as: show 17');
    return { readOnly: true, run: (database) => show(queue, database, { id, json, text }) };
  }
  checkChoice(ids, { all, filtered: (values.state ?? values.platform) !== undefined });
  const change = action === 'retry' ? retry : drop;
  return { readOnly: false, run: (database) => change(queue, database, { ...chosen, ids }) };
}

function checkChoice(ids: number[], { all, filtered }: { all: boolean; filtered: boolean }): void {
  if (ids.length > 0 === all) throw new UsageError('Say ids, or --all.');
  if (filtered && !all) throw new UsageError('--state and --platform go with --all.');
}

function checkOptions(action: string, given: string[]): void {
  const allowed = Object.hasOwn(ALLOWED, action) ? ALLOWED[action] : undefined;
  if (!allowed) throw new UsageError(action === '' ? 'Say list, show, retry or drop.' : `Unknown action: ${action}`);
  const stray = given.find((name) => !allowed.includes(name));
  if (stray) throw new UsageError(`--${stray} does not go with ${action}.`);
}

/** `list` may look at any state; the others change only what is dead. */
function readStates({ states, deadStates }: Queue, given: string | undefined, action: string): readonly string[] {
  if (given === undefined) return deadStates;
  const known = action === 'list' ? states : deadStates;
  const wanted = given.split(',');
  const unknown = wanted.find((state) => !known.includes(state));
  if (unknown !== undefined) throw new UsageError(`--state ${unknown} is none of ${known.join(', ')}.`);
  return wanted;
}

function readPlatform(given: string | undefined): string | undefined {
  if (given === undefined || platformIds().some((known) => known === given)) return given;
  throw new UsageError(`--platform ${given} is none of ${platformIds().join(', ')}.`);
}

function readLimit(given: string): number {
  const limit = Number(given);
  if (/^\d+$/.test(given) && limit >= 1 && limit <= MAX_LIMIT) return limit;
  throw new UsageError(`--limit ${given} is not a number from 1 to ${MAX_LIMIT}.`);
}

function readIds(words: string[]): number[] {
  const bad = words.find((word) => !/^[1-9]\d{0,14}$/.test(word));
  if (bad !== undefined) throw new UsageError(`${bad} is not an id, such as 17.`);
  return [...new Set(words.map(Number))];
}
