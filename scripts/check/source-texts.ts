// Reads the comments, the texts and the imports of TypeScript and JavaScript files.
import { dirname, join } from 'node:path/posix';
import jsTokens from 'js-tokens';

/** A text between quotes, with single spaces. */
export interface SourceText {
  line: number;
  text: string;
}

export interface Comment extends SourceText {
  lastLine: number;
}

/** Comments without their marks. Line comments that follow each other directly are one comment. */
export function commentsOf(source: string): Comment[] {
  const lines = source.split('\n');
  const comments: (Comment & { isBlock: boolean })[] = [];
  for (const { type, value, line } of tokensOf(source)) {
    const before = comments.at(-1);
    if (type === 'SingleLineComment') {
      const text = value.replace(/^\/\/+/, '').trim();
      const continues =
        before?.isBlock === false && before.lastLine === line - 1 && /^\s*\/\//.test(lines[line - 1] ?? '');
      if (continues) Object.assign(before, { text: `${before.text} ${text}`, lastLine: line });
      else comments.push({ line, text, lastLine: line, isBlock: false });
    }
    if (type === 'MultiLineComment') {
      const text = oneLine(value.replaceAll(/^\/\*+|\*+\/$/g, '').replaceAll(/^\s*\*+ ?/gm, ''));
      comments.push({ line, text, lastLine: line + value.split('\n').length - 1, isBlock: true });
    }
  }
  return comments.filter(({ text }) => text !== '');
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

/** Files of the project that `file` imports, also by type and by `import()`. */
export function importsOf(file: string, source: string): string[] {
  return [...source.matchAll(/(?:\bfrom |\bimport |\bimport\()'(\.[^']+)'/g)].map(([, path = '']) =>
    join(dirname(file), path),
  );
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

const oneLine = (text: string): string => text.replaceAll(/\s+/g, ' ').trim();
