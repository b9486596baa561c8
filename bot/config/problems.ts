// Describes the problems of settings, each with its fix.
import { closest } from 'fastest-levenshtein';
import type { Problem } from '../domain/problem.ts';

export type { Problem } from '../domain/problem.ts';

/** Thrown for invalid settings. The message lists all problems, one per line. */
export class SettingsError extends Error {
  readonly problems: Problem[];

  constructor(problems: Problem[]) {
    super(problems.map(({ problem, fix }) => `${problem} ${fix}`).join('\n'));
    this.name = 'SettingsError';
    this.problems = problems;
  }
}

/**
 * Returns the problem of an unknown key, with the most similar name. An unknown key is usually a misspelt one, and the
 * intended setting stays unset.
 */
export function unknownKey(key: string, file: string, known: readonly string[]): Problem {
  const shown = key.replace(/\s+/g, ' ').slice(0, 60);
  const sameLetters = known.find((name) => name.toLowerCase() === shown.toLowerCase());
  return {
    name: shown,
    problem: `${shown} in ${file} is not a setting, so it has no effect.`,
    fix: `Did you mean ${sameLetters ?? closest(shown, known)}? Rename ${shown} or remove it.`,
  };
}

/** Returns the problem of a file that exists but cannot be used. */
export function unusableFile(name: string, file: string, reason: string): Problem {
  return { name, problem: `${name}: cannot use ${file} (${reason}).`, fix: `Correct or remove ${file}.` };
}

/** Returns the problem of a file in GBK or another encoding than UTF-8. */
export function notUtf8(name: string, file: string): Problem {
  return {
    name,
    problem: `${file} is not encoded in UTF-8 (Windows editors may save GBK as "ANSI"), so it cannot be read.`,
    fix: `Save ${file} again with the encoding UTF-8.`,
  };
}
