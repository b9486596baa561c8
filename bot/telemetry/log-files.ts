// Names the files of a rotated log: app.log is the newest, app.1.log is older, app.2.log is older still.

/** The logs of the bot. `callback`: callbacks and pushes. `app`: all lines. */
export type LogName = 'app' | 'callback';

/** Returns the name of a file of the log. Number 0 is the newest file. */
export function logFileName(log: string, number: number): string {
  return number === 0 ? `${log}.log` : `${log}.${number}.log`;
}

/** Returns the number of the file in the log, or undefined if it does not belong to the log. */
export function logFileNumber(fileName: string, log: LogName): number | undefined {
  if (fileName === logFileName(log, 0)) return 0;
  const number = Number(fileName.slice(log.length + 1, -'.log'.length));
  return number > 0 && Number.isSafeInteger(number) && fileName === logFileName(log, number) ? number : undefined;
}
