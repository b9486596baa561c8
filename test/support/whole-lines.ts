// Reads a log that is still being written.

type Line = Record<string, unknown>;

/** Each line as an object; what stands behind the last line end is still on its way. */
export function wholeLines(text: string): Line[] {
  const whole = text.split('\n').slice(0, -1);
  return whole.map((line) => JSON.parse(line) as Line); // the log's lines are objects
}
