// Reads the comments and the texts of TypeScript and JavaScript files.
import jsTokens from 'js-tokens';

/** One comment, or one text between quotes, on one line of spaces. */
export interface SourceText {
  line: number;
  text: string;
}

/** Comments without their marks. Line comments that follow each other directly are one comment. */
export function commentsOf(source: string): SourceText[] {
  const comments: (SourceText & { lastLine: number })[] = [];
  for (const { type, value, line } of tokensOf(source)) {
    const before = comments.at(-1);
    if (type === 'SingleLineComment') {
      const text = value.replace(/^\/\/+/, '').trim();
      const continues = before !== undefined && before.lastLine === line - 1 && startsLine(source, line);
      if (continues) Object.assign(before, { text: `${before.text} ${text}`, lastLine: line });
      else comments.push({ line, text, lastLine: line });
    }
    if (type === 'MultiLineComment') {
      const text = oneLine(value.replaceAll(/^\/\*+|\*+\/$/g, '').replaceAll(/^\s*\*+ ?/gm, ''));
      comments.push({ line, text, lastLine: Number.NaN });
    }
  }
  return comments.filter(({ text }) => text !== '').map(({ line, text }) => ({ line, text }));
}

/** Contents of strings and templates; each value that a template inserts is `…`. */
export function stringsOf(source: string): SourceText[] {
  const strings: SourceText[] = [];
  // Templates nest: the last one is the innermost.
  const open: SourceText[] = [];
  for (const { type, value, line } of tokensOf(source)) {
    if (type === 'StringLiteral' || type === 'NoSubstitutionTemplate') {
      strings.push({ line, text: oneLine(value.slice(1, -1)) });
    }
    if (type === 'TemplateHead') open.push({ line, text: `${value.slice(1, -2)}…` });
    if (type === 'TemplateMiddle') open.push(extended(open.pop(), `${value.slice(1, -2)}…`));
    if (type === 'TemplateTail') strings.push(extended(open.pop(), value.slice(1, -1)));
  }
  return strings;
}

function extended(text: SourceText | undefined, more: string): SourceText {
  return { line: text?.line ?? 0, text: oneLine(`${text?.text ?? ''}${more}`) };
}

function* tokensOf(source: string): Generator<{ type: string; value: string; line: number }> {
  let line = 1;
  for (const { type, value } of jsTokens(source)) {
    yield { type, value, line };
    line += value.split('\n').length - 1;
  }
}

function startsLine(source: string, line: number): boolean {
  return /^\s*\/\//.test(source.split('\n')[line - 1] ?? '');
}

const oneLine = (text: string): string => text.replaceAll(/\s+/g, ' ').trim();
