// Finds the end of a code span: the next run of equally many backticks.
import { endOfRun } from './characters.ts';

/**
 * Returns a function that returns the index of the next run of `length` backticks at or behind `from`, or -1. Linear
 * over all calls whose `from` is behind the runs found before.
 */
export function createCodeFinder(text: string): (from: number, length: number) => number {
  /** Index of the last run of each length. Computed when a search has reached the end of the text. */
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
