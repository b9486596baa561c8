// Words that begin with a slash: which command they call, and who may.
import { closest, distance } from 'fastest-levenshtein';
import { languageOf } from '../../domain/language.ts';
import { phrasesIn } from '../phrases.ts';
import type { Call, ChatCommand, CommandReply, CommandRun } from './command.ts';
import { createDiagnose } from './diagnose.ts';
import type { Doctor } from './doctor.ts';
import { operatorEntry } from './operator-entry.ts';
import { createOperatorCheck } from './operators.ts';
import { createStatusCommand, type StatusCommandOptions } from './status.ts';

export interface CommandsOptions extends StatusCommandOptions {
  /** Entries of the setting OPERATORS. */
  operators: readonly string[];
  doctor: Doctor;
}

export interface Commands {
  /** Runs the command of a message; undefined when the message is no command. Rejects only when `signal` aborts. */
  run(call: Call, signal: AbortSignal): Promise<CommandReply | undefined>;
}

export function createCommands({ operators, doctor, ...status }: CommandsOptions): Commands {
  const table: ChatCommand[] = [
    { name: 'help', alias: '帮助', run: async (run) => ({ text: helpOf(table, run) }) },
    createStatusCommand(status),
    { name: 'reset', alias: '重置', run: async ({ phrases }) => ({ text: phrases.reset, reset: true }) },
    {
      name: 'whoami',
      alias: '我是谁',
      run: async ({ phrases, call }) => ({ text: phrases.whoami(operatorEntry(call)) }),
    },
    createDiagnose(doctor),
  ];
  const words = table.flatMap(({ name, alias }) => [name, alias]);
  const isOperator = createOperatorCheck(operators);
  return {
    async run(call, signal) {
      const { text } = call;
      const called = commandWord(text);
      if (called === undefined) return undefined;
      const phrases = phrasesIn(languageOf(text));
      const command = table.find(({ name, alias }) => name === called || alias === called);
      if (!command) return { text: phrases.unknownCommand(called, nearest(called, words)) };
      const operator = isOperator(call);
      if (command.operatorsOnly && !operator) return { text: phrases.operatorsOnly };
      return command.run({ phrases, operator, call, signal });
    },
  };
}

/** White space and marks that show nothing, as clients leave them where a mention was. */
const INVISIBLE_START = /^[\s\p{Cf}]+/u;

/** White space, or a Chinese mark: no space follows those. */
const END_OF_WORD = /[\s，。！？；：、～…]/u;

/** The longest word that somebody may have meant as a command. */
const LONGEST_WORD = 20;

/**
 * The word after the slash, in lower case, without the sentence's end; full-width characters, as Chinese keyboards
 * make them, are read as the usual ones. Undefined when the first word is something else, as in `/etc/hosts`.
 */
function commandWord(text: string): string | undefined {
  const [beginning = ''] = text.replace(INVISIBLE_START, '').split(END_OF_WORD, 1);
  const first = beginning.normalize('NFKC').toLowerCase();
  const word = /^\/(\p{L}[\p{L}\p{N}_-]*)[?!.,;:~。、]*$/u.exec(first)?.[1];
  return word !== undefined && word.length <= LONGEST_WORD ? word : undefined;
}

/** A word that a slip or two turn into `called`, and that has something in common with it. */
function nearest(called: string, words: string[]): string | undefined {
  const found = closest(called, words);
  return distance(called, found) < Math.min(3, found.length) ? found : undefined;
}

function helpOf(table: ChatCommand[], { phrases, operator }: CommandRun): string {
  const allowed = table.filter(({ operatorsOnly }) => operator || !operatorsOnly);
  return [phrases.helpTitle, ...allowed.map(({ name }) => phrases.help[name])].join('\n');
}
