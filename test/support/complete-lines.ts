// Parses a log file that may still be written to.

type LogLine = Record<string, unknown>;

/** Returns each complete line as an object. Text after the last line end is an incomplete line and is omitted. */
export function parseCompleteLines(text: string): LogLine[] {
  const lines = text.split('\n').slice(0, -1);
  return lines.map((line) => JSON.parse(line) as LogLine); // the log's lines are objects
}
