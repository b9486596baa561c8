// What can be wrong with the settings, in words an operator can act on.
import { closest } from 'fastest-levenshtein';

export interface Problem {
  /** Setting or key at fault. */
  name: string;
  /** What is wrong, and what would be lost. */
  problem: string;
  /** What to do about it. */
  fix: string;
}

/** Every problem at once, one per line. */
export class SettingsError extends Error {
  readonly problems: Problem[];

  constructor(problems: Problem[]) {
    super(problems.map(({ problem, fix }) => `${problem} ${fix}`).join('\n'));
    this.name = 'SettingsError';
    this.problems = problems;
  }
}

/** A key nobody reads is most often a misspelt one, and the setting it meant stays unset. */
export function unknownKey(key: string, file: string, known: readonly string[]): Problem {
  const shown = key.replace(/\s+/g, ' ').slice(0, 60);
  const sameLetters = known.find((name) => name.toLowerCase() === shown.toLowerCase());
  return {
    name: shown,
    problem: `${shown} in ${file} is not a setting, so it has no effect.`,
    fix: `Did you mean ${sameLetters ?? closest(shown, known)}? Rename ${shown} or remove it.`,
  };
}

/** A file that is there but cannot be used. */
export function unusableFile(name: string, file: string, reason: string): Problem {
  return { name, problem: `${name}: cannot use ${file} (${reason}).`, fix: `Correct or remove ${file}.` };
}

/** A file in GBK or another encoding than UTF-8. */
export function notUtf8(name: string, file: string): Problem {
  return {
    name,
    problem: `${file} is not encoded in UTF-8 (Windows editors may save GBK as "ANSI"), so it cannot be read.`,
    fix: `Save ${file} again with the encoding UTF-8.`,
  };
}
