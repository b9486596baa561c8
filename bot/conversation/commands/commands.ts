// Words that begin with a slash: which command they call, and who may.
import { closest, distance } from 'fastest-levenshtein';
import type { StatusReport } from '../../status.ts';
import { phrasesFor } from '../phrases.ts';
import type { Call, ChatCommand, CommandRun, Said } from './command.ts';
import { createDiagnose } from './diagnose.ts';
import type { Doctor } from './doctor.ts';
import { createOperatorCheck } from './operators.ts';
import { createStatusCommand } from './status.ts';

export interface CommandsOptions {
  /** Entries of the setting OPERATORS. */
  operators: readonly string[];
  readStatus: () => Promise<StatusReport>;
  doctor: Doctor;
}

/** Undefined when the message is no command. Rejects only when `signal` gave the message up. */
export type Commands = (call: Call, signal: AbortSignal) => Promise<Said | undefined>;

export function createCommands({ operators, readStatus, doctor }: CommandsOptions): Commands {
  const table: ChatCommand[] = [
    { name: 'help', alias: '帮助', run: async (run) => ({ text: helpOf(table, run) }) },
    createStatusCommand(readStatus),
    { name: 'reset', alias: '重置', run: async ({ phrases }) => ({ text: phrases.reset, reset: true }) },
    createDiagnose(doctor),
  ];
  const words = table.flatMap(({ name, alias }) => [name, alias]);
  const isOperator = createOperatorCheck(operators);
  return async (call, signal) => {
    const { text } = call;
    const called = commandWord(text);
    if (called === undefined) return undefined;
    const phrases = phrasesFor(text);
    const command = table.find(({ name, alias }) => name === called || alias === called);
    if (!command) return { text: phrases.unknownCommand(called, nearest(called, words)) };
    const operator = isOperator(call);
    if (command.operatorsOnly && !operator) return { text: phrases.operatorsOnly };
    return command.run({ phrases, operator, signal });
  };
}

/** The longest word that somebody may have meant as a command. */
const LONGEST_WORD = 20;

/**
 * The word after the slash, in lower case, without the sentence's end; full-width characters, as Chinese keyboards
 * make them, are read as the usual ones. Undefined when the first word is something else, as in `/etc/hosts`.
 */
function commandWord(text: string): string | undefined {
  const first = text.trimStart().split(/\s/u, 1)[0]?.normalize('NFKC').toLowerCase() ?? '';
  const word = /^\/(\p{L}[\p{L}\p{N}_-]*)[?!.,。]*$/u.exec(first)?.[1];
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
