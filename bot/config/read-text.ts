// Reads a text file in UTF-8, with or without a byte order mark, or in UTF-16 with a byte order mark.
import { readFileSync } from 'node:fs';

/** Thrown for a file that is neither UTF-8 nor UTF-16 with a byte order mark, such as GBK. */
export class NotUtf8Error extends Error {
  constructor() {
    super('the file is not UTF-8');
    this.name = 'NotUtf8Error';
  }
}

/**
 * Returns the text of a file, without its byte order mark and with `\n` as line end. Accepts UTF-16LE with a mark,
 * because Windows PowerShell 5 saves it:
 * https://learn.microsoft.com/en-us/powershell/module/microsoft.powershell.core/about/about_character_encoding (read
 * 2026-11).
 * @throws NotUtf8Error, or the error of the file system
 */
export function readText(path: string): string {
  const bytes = readFileSync(path);
  const encoding = encodingOf(bytes);
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes).replaceAll(/\r\n?/g, '\n');
  } catch {
    throw new NotUtf8Error();
  }
}

function encodingOf(bytes: Buffer): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return 'utf-16le';
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return 'utf-16be';
  return 'utf-8';
}
