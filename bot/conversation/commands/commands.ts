// Finds and runs the command of a message that begins with a slash, if the sender is allowed to use it.
import { closest, distance } from 'fastest-levenshtein';
import { nameOfPerson } from '../../config/people.ts';
import { languageOf } from '../../domain/language.ts';
import { phrasesIn } from '../phrases.ts';
import type { ChatCommand, CommandCall, CommandReply, CommandRun } from './command.ts';
import { createDiagnose } from './diagnose.ts';
import type { Doctor } from './doctor.ts';
import { createOperatorCheck } from './operators.ts';
import { createStatusCommand, type StatusCommandOptions } from './status.ts';

export interface CommandsOptions extends StatusCommandOptions {
  /** Entries of the setting OPERATORS. */
  operators: readonly string[];
  doctor: Doctor;
}

export interface Commands {
  /** Runs the command of a message. Returns undefined if there is no command in it. Rejects only if `signal` aborts. */
  run(call: CommandCall, signal: AbortSignal): Promise<CommandReply | undefined>;
}

export function createCommands({ operators, doctor, ...status }: CommandsOptions): Commands {
  const table: ChatCommand[] = [
    { name: 'help', alias: '帮助', run: async (run) => ({ text: helpOf(table, run) }) },
    createStatusCommand(status),
    { name: 'reset', alias: '重置', run: async ({ phrases }) => ({ text: phrases.reset, reset: true }) },
    {
      name: 'whoami',
      alias: '我是谁',
      run: async ({ phrases, call }) => ({
        text: phrases.whoami(nameOfPerson({ ...call, organisation: call.externalTenantId })),
      }),
    },
    createDiagnose(doctor),
  ];
  const names = table.flatMap(({ name, alias }) => [name, alias]);
  const isOperator = createOperatorCheck(operators);
  return {
    async run(call, signal) {
      const { text } = call;
      const called = parseCommandName(text);
      if (called === undefined) return undefined;
      const phrases = phrasesIn(languageOf(text));
      const command = table.find(({ name, alias }) => name === called || alias === called);
      if (!command) return { text: phrases.unknownCommand(called, nearest(called, names)) };
      const operator = isOperator(call);
      if (command.operatorsOnly && !operator) return { text: phrases.operatorsOnly };
      return command.run({ phrases, operator, call, signal });
    },
  };
}

/** White space and invisible characters, which clients leave in place of a mention. */
const INVISIBLE_START = /^[\s\p{Cf}]+/u;

/** White space, or a Chinese punctuation mark, because no space follows those. */
const END_OF_NAME = /[\s，。！？；：、～…]/u;

/** Maximum characters of a command name. A longer text after the slash is a question for the model. */
const MAX_NAME_LENGTH = 20;

/**
 * Returns the name after the slash, in lower case and without punctuation at its end. Full-width characters, which
 * Chinese input methods produce, are read as ASCII ones. Returns undefined for any other beginning, such as
 * `/etc/hosts`.
 */
function parseCommandName(text: string): string | undefined {
  const [beginning = ''] = text.replace(INVISIBLE_START, '').split(END_OF_NAME, 1);
  const first = beginning.normalize('NFKC').toLowerCase();
  const name = /^\/(\p{L}[\p{L}\p{N}_-]*)[?!.,;:~。、]*$/u.exec(first)?.[1];
  return name !== undefined && name.length <= MAX_NAME_LENGTH ? name : undefined;
}

/** Returns the name at an edit distance of at most two that shares a character with `called`. */
function nearest(called: string, names: string[]): string | undefined {
  const found = closest(called, names);
  return distance(called, found) < Math.min(3, found.length) ? found : undefined;
}

function helpOf(table: ChatCommand[], { phrases, operator }: CommandRun): string {
  const allowed = table.filter(({ operatorsOnly }) => operator || !operatorsOnly);
  return [phrases.helpTitle, ...allowed.map(({ name }) => phrases.help[name])].join('\n');
}
