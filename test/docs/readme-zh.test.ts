// Compares README.md with README.zh-CN.md: both have the same headings, commands, paths, links and tables.
import { existsSync, readFileSync, statSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { outline } from './outline.ts';

const english = readFileSync('README.md', 'utf8');
const chinese = readFileSync('README.zh-CN.md', 'utf8');
const PICTURE_BYTES = 200_000;

test('both languages have the same headings, commands, links and tables', () => {
  expect(outline(chinese)).toEqual(outline(english));
});

test.each([
  ['README.md', english, 'English | [简体中文](README.zh-CN.md)'],
  ['README.zh-CN.md', chinese, '[English](README.md) | 简体中文'],
])('%s links to the other language below its title', (_file, text, languages) => {
  expect(text.split('\n')[2]).toBe(languages);
});

test.each([
  ['README.md', english],
  ['README.zh-CN.md', chinese],
])('%s links to existing files', (_file, text) => {
  const files = outline(text).flatMap(({ links }) => [...links].filter((link) => !/^https?:/.test(link)));
  expect(files.filter((file) => !existsSync(file))).toEqual([]);
  const pictures = files.filter((file) => file.endsWith('.png'));
  expect(pictures.filter((file) => statSync(file).size > PICTURE_BYTES)).toEqual([]);
});

describe('the comparison', () => {
  const base =
    '# Title\n\n`make up` [page](docs/a.md#one)\n\n```sh\nmake up  # starts\n```\n\n| a |\n|---|\n| b |\n\n- c\n';

  test.each([
    ['another heading', `${base}\n## More\n`],
    ['a heading of another level', base.replace('# Title', '## Title')],
    ['another command in text', base.replace('`make up`', '`make up` `make down`')],
    ['a missing command in text', base.replace('`make up` ', '')],
    ['another command in a code block', base.replace('make up  #', 'make up -v  #')],
    ['another code block', `${base}\n\`\`\`sh\nmake down\n\`\`\`\n`],
    ['another link', base.replace('docs/a.md', 'docs/b.md')],
    ['another picture', `${base}\n![b](docs/b.png)\n`],
    ['another row of a table', base.replace('| b |', '| b |\n| b |')],
    ['another list item', `${base}- d\n`],
    ['a command in another section', `${base.replace('`make up` ', '')}\n## More\n\n\`make up\`\n`],
  ])('finds %s', (_difference, changed) => {
    expect(outline(changed)).not.toEqual(outline(base));
  });

  test('ignores texts, comments in code, anchors and the language of a link', () => {
    const translated = base
      .replace('# Title', '# 标题')
      .replace('[page](docs/a.md#one)', '[页面](docs/a.zh-CN.md#一)')
      .replace('make up  # starts', 'make up       # 启动')
      .replace('| a |', '| 甲 |')
      .replace('- c', '- 丙');
    expect(outline(translated)).toEqual(outline(base));
  });
});
