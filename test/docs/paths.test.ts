// Checks that the paths in code spans of the Markdown pages exist.
import { dirname, join } from 'node:path/posix';
import { expect, test } from '@jest/globals';
import { platformIds } from '../../bot/platforms/registry.ts';
import { codeSpans } from './markdown.ts';
import { markdownPages, projectFiles, readText } from './project-files.ts';

/** History: names files as they were. */
const HISTORY = 'CHANGELOG.md';
/** Output of commands, and data of a bot. */
const GENERATED = /^(?:data|dist|node_modules|coverage)(?:\/|$)/;
/** Spans that look like paths of this project and are none. */
const OTHERS = ['bot/v3/info'];

const topFolders = new Set(projectFiles.filter((path) => path.includes('/')).map((path) => path.split('/')[0]));
const pages = markdownPages.filter((page) => page !== HISTORY);

/** A span is a path if it begins with a folder of the project, or if it is the name of a source file. */
function isPath(span: string): boolean {
  if (GENERATED.test(span) || OTHERS.includes(span)) return false;
  if (/^[\w.@*<>{},-]+(?:\/[\w.@*<>{},-]*)+$/.test(span)) return topFolders.has(span.split('/')[0]) || isSource(span);
  return isSource(span) && /^[\w.-]+$/.test(span);
}

const isSource = (span: string): boolean => /\.(?:ts|js|rb|sh|md|biome\.json)$/.test(span) && /^\w/.test(span);

/** Replaces `<platform>` by each platform, and returns one path for each. */
function withoutPlaceholders(span: string): string[] {
  const platforms = span.includes('<platform>') ? platformIds() : [''];
  return platforms.map((id) => span.replaceAll('<platform>', id));
}

/** Matches a path from the root, from the page's folder, or the end of a path. Modules may lack their extension. */
function exists(span: string, page: string): boolean {
  const candidates = [span, join(dirname(page), span)].map((path) => path.replace(/\/$/, ''));
  const patterns = candidates.map((path) => new RegExp(`^${globSource(path)}(?:\\.ts|/.*)?$`));
  const end = new RegExp(`/${globSource(span)}$`);
  return projectFiles.some((file) => patterns.some((pattern) => pattern.test(file)) || end.test(file));
}

/** Translates `*`, `{a,b}` and remaining placeholders, such as `<ID>`, to a regular expression. */
function globSource(path: string): string {
  return path
    .replaceAll(/[.+^$()|[\]\\]/g, '\\$&')
    .replaceAll(/<\w+>|\*+/g, '[^/]+')
    .replaceAll(/\{([^}]*)\}/g, (_, names: string) => `(?:${names.replaceAll(',', '|')})`);
}

test.each(pages)('%s', (page) => {
  const paths = codeSpans(readText(page)).filter(isPath).flatMap(withoutPlaceholders);
  expect(paths.filter((path) => !exists(path, page))).toEqual([]);
});

test('finds paths, and the ones that do not exist', () => {
  const found = ['bot/http', 'bot/http/listen', 'facts.ts', 'docs/diagnose/<ID>.md', 'data/run', '/help', 'a/b'];
  expect(found.filter(isPath)).toEqual(['bot/http', 'bot/http/listen', 'facts.ts', 'docs/diagnose/<ID>.md']);
  expect(exists('bot/http/listen', 'README.md')).toBe(true);
  expect(exists('bot/http/lister', 'README.md')).toBe(false);
  expect(exists('bot/{inbox,outbox}/*box.ts', 'README.md')).toBe(true);
  expect(withoutPlaceholders('bot/platforms/<platform>/channel.ts')).toContain('bot/platforms/feishu/channel.ts');
});
