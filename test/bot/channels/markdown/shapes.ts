// Texts that are expensive for a Markdown parser: each of a given length.

const repeat = (unit: string) => (length: number) => unit.repeat(Math.ceil(length / unit.length)).slice(0, length);
const framed = (before: string, unit: string, after: string) => (length: number) =>
  before + repeat(unit)(length - before.length - after.length) + after;
/** `open` until half of the text, then `close`. */
const nested = (open: string, close: string) => (length: number) =>
  repeat(open)(Math.floor(length / 2)) + repeat(close)(Math.ceil(length / 2));
const growing = (sign: string) => (length: number) => {
  let text = '';
  for (let count = 1; text.length < length; count += 1) text += `${sign.repeat(count)} `;
  return text.slice(0, length);
};
const lines = (line: string) => repeat(`${line}\n`);

export const SHAPES: Record<string, (length: number) => string> = {
  prose: repeat('The quick brown fox jumps over the lazy dog, again and again. '),
  chinese: repeat('敏捷的棕色狐狸跳过了那只懒狗，一次又一次。'),
  'one word': repeat('x'),
  blanks: framed('a', ' ', 'b'),
  'blank lines': framed('a', '\n', 'b'),
  'short lines': lines('a'),
  crlf: repeat('a\r\n'),
  'hard breaks': lines('a     '),
  '*a_': repeat('*a_'),
  'a**b': repeat('a**b'),
  'bold chinese': repeat('这是**“重点”**内容'),
  'open stars': repeat('**a '),
  'closing stars': repeat('a** '),
  stars: repeat('*'),
  underscores: repeat('_'),
  'stars in words': repeat('*a'),
  'growing stars': growing('*'),
  tildes: repeat('~~a'),
  'mixed runs': repeat('*a **b _c __d ~~e '),
  '[[[[': repeat('['),
  ']]]]': repeat(']'),
  '[]': nested('[', ']'),
  '![': repeat('!['),
  '![](': repeat('![a]('),
  images: repeat('![a](http://b.example/c.png)'),
  'empty images': repeat('![](http://b.example/c)'),
  'nested images': nested('![', '](http://a)'),
  links: repeat('[a](https://b.example)'),
  'nested links': nested('[a', '](https://b)'),
  'open targets': repeat('[a](https://b'),
  'open angled targets': repeat('[a](<https://b'),
  'open titles': repeat('[a](https://b "'),
  'open titles of two kinds': repeat(`[a](https://b "[a](https://b '`),
  'parentheses in targets': framed('[a](https://b', '(', ')'),
  'active links': repeat('[a](javascript:x)'),
  'entities in targets': framed('[a](', '&#106;', 'x:y)'),
  'schemes of clients': repeat('dingtalk'),
  'schemes in code': repeat(']('),
  definitions: lines('[a]: https://b'),
  '<<<': repeat('<'),
  '<a': repeat('<a '),
  'open attributes': repeat('<a b="'),
  'blank attributes': framed('<a b', ' ', ''),
  tags: repeat('<b>x</b>'),
  comments: repeat('<!--'),
  instructions: repeat('<?'),
  cdata: repeat('<![CDATA['),
  mentions: repeat('<at id=all></at>'),
  autolinks: repeat('<https://a>'),
  'open autolinks': repeat('<https://a'),
  mails: repeat('<a@b.c>'),
  'open mails': framed('<a@', 'b.', ''),
  urls: repeat('https://a.example/b '),
  'one url': framed('https://a', '/b', ''),
  'url ends': framed('https://a', '*', ''),
  entities: repeat('&amp;&#x41;'),
  backslashes: repeat('\\'),
  escapes: repeat('\\*'),
  backticks: repeat('`'),
  'growing backticks': growing('`'),
  'code spans': repeat('`a` '),
  'open code': repeat('`a ``b '),
  fences: lines('```'),
  'open fence': framed('```js\n', 'let a = 1;\n', ''),
  'long marker': framed(`${'`'.repeat(20_000)}\n`, 'a\n', ''),
  'long info': framed(`\`\`\`${'x'.repeat(9_000)}\n`, 'a\n', ''),
  'fences in fences': lines('````\n```'),
  'quoted fence': framed(`${'>'.repeat(20_000)}\`\`\`\n`, 'a\n', ''),
  'deep quotes': repeat('> '),
  'deeper quotes': (length) => {
    let text = '';
    for (let depth = 1; text.length < length; depth += 1) text += `${'>'.repeat(depth)} a\n`;
    return text.slice(0, length);
  },
  'deep lists': repeat('- '),
  'deeper lists': (length) => {
    let text = '';
    for (let depth = 0; text.length < length; depth += 1) text += `${'  '.repeat(depth)}- a\n`;
    return text.slice(0, length);
  },
  'numbered lists': lines('1. a'),
  'deep numbers': repeat('1. '),
  headings: lines('# a'),
  'heading blanks': framed('# ', ' ', '#'),
  'heading ends': framed('# a ', '# ', ''),
  rules: lines('- - -'),
  'long rule': framed('', '- ', 'a'),
  'long ruler': framed('a|b\n', '-', 'x'),
  'ruler blanks': framed('a|b\n', '- ', 'x'),
  table: framed('| a | b |\n|---|---|\n', '| 1 | 2 |\n', ''),
  'wide table': (length) => {
    const columns = Math.floor(length / 6);
    return `${'|a'.repeat(columns)}\n${'|-'.repeat(columns)}\n${'|b'.repeat(columns)}`;
  },
  'wide and long table': (length) => {
    const columns = Math.floor(Math.sqrt(length / 2));
    return lines('|a'.repeat(columns))(length).replace('\n', `\n${'|-'.repeat(columns)}\n`);
  },
  'no tables': lines('a | b'),
  bars: repeat('|'),
  'escaped bars': repeat('\\|'),
  'many tables': lines('a|b\n-|-\n1|2\n'),
  setext: lines('a\n---'),
  buttons: framed('See:\n', '- [a](https://b)\n', '- [a](https://b)'),
  'one button': framed('See:\n- [a](https://b', '(c)', ')'),
  surrogates: repeat('\ud83d'),
  emoji: repeat('👩‍👩‍👧‍👦'),
  'zero-width': framed('a', '\u200b', 'b'),
  'right to left': repeat('\u202eאבג '),
  marks: framed('a', '\u0301', ''),
  controls: repeat('\u0001'),
  quotes: repeat('"'),
  json: repeat('{"a":"\\"b\\\\"},'),
};
