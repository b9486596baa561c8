// Rewrites lines of .env that Compose cannot read, because one such line stops every command of Compose.
import { existsSync, realpathSync } from 'node:fs';
import { type DotenvEntry, parseDotenv } from '../../bot/config/parse-dotenv.ts';
import { readText } from '../../bot/config/read-text.ts';
import { CommandError } from '../process/command-error.ts';
import { writePrivate } from '../process/write-private.ts';

/**
 * Matches a name in ASCII, up to and including the plain `=`. Full-width and invisible characters are errors for
 * Compose.
 */
const NAME = /^[ \t]*(?:export[ \t]+)?[A-Za-z_]\w*[ \t]*=/;
/**
 * Matches closed quotation marks, and no `${` outside single quotation marks, because `${` begins a variable. See
 * https://docs.docker.com/reference/compose-file/env-file/ (read 2026-11).
 */
const VALUE = /^(?:'(?:[^'\\]|\\.)*'|"(?:[^"\\$]|\\.|\$(?!\{))*"|(?!["'])(?!(?:(?!\s#).)*\$\{))/s;

const INVISIBLE_START = /^\s*[\u200b-\u200f\u2060\ufeff][\s\u200b-\u200f\u2060\ufeff]*(?=#|$)/;

/**
 * Rewrites those lines to a form that Compose reads and that has the same meaning for the bot. All other lines stay
 * unchanged. Returns the names on the rewritten lines.
 * @throws CommandError for a value that has no such form; NotUtf8Error
 */
export function rewriteForCompose(path: string): string[] {
  if (!existsSync(path)) return [];
  const text = readText(path);
  const lines = text.split('\n');
  const writtenAs = ({ line, lastLine }: DotenvEntry) => lines.slice(line - 1, lastLine).join('\n');
  const { entries } = parseDotenv(text);
  const unreadable = entries.filter((entry) => !isReadable(writtenAs(entry)));
  // From the end, because a value of several lines may become shorter.
  for (const entry of unreadable.toReversed()) {
    const { line, lastLine } = entry;
    lines.splice(line - 1, lastLine - line + 1, ...rewrite(entry, writtenAs(entry)).split('\n'));
  }
  const rewritten = withoutInvisibleLines(lines.join('\n'));
  if (rewritten !== text) writePrivate(realpathSync(path), rewritten);
  return unreadable.map(({ name }) => name);
}

/** Removes invisible characters in front of comments and from empty lines. */
function withoutInvisibleLines(text: string): string {
  const lines = text.split('\n');
  const inValues = new Set(parseDotenv(text).entries.flatMap(({ line, lastLine }) => range(line, lastLine)));
  const shown = lines.map((line, i) => (inValues.has(i + 1) ? line : line.replace(INVISIBLE_START, '')));
  return shown.join('\n');
}

const range = (first: number, last: number): number[] => Array.from({ length: last - first + 1 }, (_, i) => first + i);

function isReadable(written: string): boolean {
  const [name] = NAME.exec(written) ?? [];
  return name !== undefined && VALUE.test(written.slice(name.length).trimStart());
}

/** Rewrites one line. If only the name is unreadable, the rest of the line stays, with its comment. */
function rewrite({ name, value, line }: DotenvEntry, written: string): string {
  const rest = written.replace(/^[^=＝]*[=＝]/, '').trim();
  const forms = [rest, `'${value}'`, value, `"${value}"`].map((form) => `${name}=${form}`);
  const found = forms.find((form) => isReadable(form) && parseDotenv(form).entries[0]?.value === value);
  if (found !== undefined) return found;
  throw new CommandError(
    `Docker Compose cannot read the value of ${name} in line ${line} of .env: its quotation marks, "\\" and "\${" cannot be combined. Choose a value without them.`,
  );
}
