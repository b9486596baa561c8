// Checks how comments, texts, test titles and Markdown are written: opening words, words of the list, their shares.
// usage: writing.js [folder or file ...]    without any: everything
import { readFileSync } from 'node:fs';
import { projectFiles } from './project-files.ts';
import { commentsOf, type SourceText, stringsOf } from './source-texts.ts';
import { type TextKind, WORD_RULES, type WordRule } from './word-rules.ts';

interface Text extends SourceText {
  file: string;
  kind: TextKind;
}

interface Found extends Text {
  rule: WordRule;
  word: string;
}

const files = projectFiles(...process.argv.slice(2)).filter(
  (file) => /\.(?:ts|js|md)$/.test(file) && !/^(?:test\/)?scripts\/check\//.test(file),
);
const texts = files.flatMap(textsOf);
const found = WORD_RULES.flatMap((rule) => texts.flatMap((text) => findWord(rule, text)));
const shares = WORD_RULES.filter(({ maxShare }) => maxShare !== undefined).map(shareOf);
const wrong = found.filter(({ rule, kind }) => rule.maxShare === undefined || kind !== 'comment');
const tooMany = shares.filter(({ share, rule }) => share > (rule.maxShare ?? 0));
const listed = [...wrong, ...found.filter(({ rule }) => tooMany.some((one) => one.rule === rule))];

for (const { file, line, word, rule } of new Set(listed)) console.log(`${file}:${line}  "${word}" → ${rule.instead}`);
console.log(`${texts.filter(({ kind }) => kind === 'comment').length} comments; share of those in bot/ and ops/ with`);
for (const { rule, share } of shares) {
  console.log(`  ${share.toFixed(2).padStart(5)} % (at most ${rule.maxShare} %)  ${rule.pattern.source}`);
}
process.exitCode = listed.length === 0 ? 0 : 1;

function textsOf(file: string): Text[] {
  const source = readFileSync(file, 'utf8');
  const as = (kind: TextKind) => (text: SourceText) => ({ ...text, text: withoutCode(text.text), file, kind });
  if (file.endsWith('.md')) return proseOf(source).map(as('markdown'));
  const strings = stringsOf(source).filter(({ text }) => /\w \w/.test(text));
  const kind = file.startsWith('test/') ? 'title' : 'text';
  const lines = source.split('\n');
  const isTitle = ({ line }: SourceText) =>
    /\b(?:test|describe|it)(?:\.\w+)*\(|\]\)\(|const\)\(/.test(lines[line - 1] ?? '');
  return [
    ...commentsOf(source).map(as('comment')),
    ...strings.filter((text) => kind === 'text' || isTitle(text)).map(as(kind)),
  ];
}

/** Lines of Markdown outside code. */
function proseOf(source: string): SourceText[] {
  let inCode = false;
  return source.split('\n').flatMap((text, index) => {
    if (/^\s*```/.test(text)) inCode = !inCode;
    return inCode || text.trim() === '' ? [] : [{ line: index + 1, text }];
  });
}

/** The text with each code span and each address as `…`. */
function withoutCode(text: string): string {
  return text.replaceAll(/`[^`]*`|https?:\S+/g, '`…`');
}

function findWord(rule: WordRule, text: Text): Found[] {
  if (rule.in && !rule.in.includes(text.kind)) return [];
  if (rule.notUnder?.some((folder) => text.file.startsWith(`${folder}/`))) return [];
  const checked = rule.except === undefined ? text.text : text.text.replaceAll(rule.except, '');
  const word = rule.pattern.exec(checked)?.[0];
  return word === undefined ? [] : [{ ...text, rule, word }];
}

function shareOf(rule: WordRule): { rule: WordRule; share: number } {
  const isCounted = ({ file, kind }: Text) => kind === 'comment' && /^(?:bot|ops)\//.test(file);
  const all = texts.filter(isCounted).length;
  const own = found.filter((one) => one.rule === rule && isCounted(one)).length;
  return { rule, share: all === 0 ? 0 : (100 * own) / all };
}
