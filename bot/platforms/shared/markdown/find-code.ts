// Finds the end of code in backticks: the next run of as many.
import { endOfRun } from './characters.ts';

/**
 * Returns a function that finds the next run of `length` backticks from `from` on, or -1. Linear over all calls whose
 * `from` is behind the runs found before.
 */
export function createCodeFinder(text: string): (from: number, length: number) => number {
  /** Where the last run of each length begins; known since a search came to the end of the text. */
  let lastRuns: Map<number, number> | undefined;

  return (from, length) => {
    if (lastRuns && (lastRuns.get(length) ?? -1) < from) return -1;
    for (let at = text.indexOf('`', from); at !== -1; ) {
      const end = endOfRun(text, at);
      if (end - at === length) return at;
      at = text.indexOf('`', end);
    }
    lastRuns = lastRunsOf(text, from);
    return -1;
  };
}

function lastRunsOf(text: string, from: number): Map<number, number> {
  const runs = new Map<number, number>();
  for (let at = text.indexOf('`', from); at !== -1; ) {
    const end = endOfRun(text, at);
    runs.set(end - at, at);
    at = text.indexOf('`', end);
  }
  return runs;
}
