// Writes to stdout and stderr for the whole command line, so that text from outside cannot control the terminal.
import type { Readable } from 'node:stream';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { StringDecoder } from 'node:string_decoder';
import { printable, printableJson, printableLines } from '../../bot/telemetry/printable.ts';
import { errorCode } from './error-code.ts';

/** Prints text with its line breaks to stdout. */
export function print(text: string): void {
  console.log(printableLines(text));
}

/** Prints text with its line breaks to stderr. */
export function printError(text: string): void {
  console.error(printableLines(text));
}

/** Prints a value as one line of JSON to stdout. */
export function printJson(value: unknown): void {
  console.log(toJsonLine(value));
}

/** Returns the value as one line of JSON that is safe to print. */
export function toJsonLine(value: unknown): string {
  return printableJson(JSON.stringify(value));
}

/** Prints a line that another program wrote as JSON. If the line is not JSON, prints it without control characters. */
export function printJsonLine(line: string): void {
  console.log(isJson(line) ? printableJson(line) : printable(line));
}

function isJson(line: string): boolean {
  try {
    JSON.parse(line);
    return true;
  } catch {
    return false;
  }
}

/** Prints text that contains our own colours. Text from outside must be made printable before it is coloured. */
export function printColoured(text: string): void {
  console.log(coloured(text));
}

/**
 * Prints coloured text without a line break at the end. Resolves once the text is written, because a pipe holds 64 KiB
 * at a time, or once the reader has closed the pipe.
 */
export function writeColoured(text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    process.stdout.write(coloured(text), (error) =>
      error && errorCode(error) !== 'EPIPE' ? reject(error) : resolve(),
    );
  });
}

/** Makes the text printable but keeps colour sequences such as `ESC [31m`. */
function coloured(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: colours begin with one
  const parts = text.split(/(\u001b\[[\d;]*m)/); // odd indexes hold the colours
  return parts.map((part, i) => (i % 2 === 1 ? part : printableLines(part))).join('');
}

/** Replaces the current line of a terminal; an empty text clears it. */
export function drawLine(text: string, stream: NodeJS.WritableStream = process.stderr): void {
  stream.write(`\r${printable(text)}\u001b[K`);
}

/** Passes on the output of another program. A closed reader (EPIPE) is no error. */
export async function passOn(source: Readable, target: NodeJS.WritableStream): Promise<void> {
  const decoder = new StringDecoder('utf8');
  const clean = new Transform({
    transform: (chunk: Buffer, _encoding, done) => done(null, printableLines(decoder.write(chunk))),
    flush: (done) => done(null, printableLines(decoder.end())),
  });
  try {
    await pipeline(source, clean, target, { end: false });
  } catch (error) {
    if (errorCode(error) !== 'EPIPE') throw error;
  }
}
