// Counts the lines of a log that were not written.

/** Returns the number of line ends in `bytes`. */
export function linesIn(bytes: Buffer): number {
  return bytes.reduce((lines, byte) => (byte === 0x0a ? lines + 1 : lines), 0);
}
