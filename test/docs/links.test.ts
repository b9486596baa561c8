// Checks that every relative link of a Markdown page, and every page named in source code, leads to an existing place.
import { dirname, join } from 'node:path/posix';
import { describe, expect, test } from '@jest/globals';
import { anchorsOf, linkTargets } from './markdown.ts';
import { markdownPages, projectFiles, readText } from './project-files.ts';

/** Returns undefined if the file or folder exists and has the anchor, otherwise the reason. */
function problemOf(path: string, anchor: string | undefined): string | undefined {
  const exists = projectFiles.some((file) => file === path || file.startsWith(`${path}/`));
  if (!exists) return `${path} does not exist`;
  if (anchor === undefined || anchorsOf(readText(path)).includes(anchor)) return undefined;
  return `${path} has no heading for #${anchor}`;
}

describe('relative links', () => {
  test.each(markdownPages)('%s', (page) => {
    const relative = linkTargets(readText(page)).filter((target) => !/^[a-z]+:/.test(target));
    const problems = relative.flatMap((target) => {
      const [path = '', anchor] = target.split('#');
      return problemOf(path === '' ? page : join(dirname(page), path), anchor) ?? [];
    });
    expect(problems).toEqual([]);
  });
});

/** A page with its path from the root, as in `docs/operations.md#passwords`. */
const PAGE = /(?<![\w/.$}-])((?:docs|bot|ops|elk|grafana|sql|test|bench)\/[\w/-]+\.md|[A-Z]{5,}\.md)(?:#([\w-]+))?/g;

test('pages that source code, configuration and scripts name exist', () => {
  const sources = projectFiles.filter(
    (path) => /\.(?:ts|js|sh|rb|ya?ml)$|file$/.test(path) && !path.startsWith('test/'),
  );
  const problems = sources.flatMap((source) =>
    [...readText(source).matchAll(PAGE)].flatMap(([, path = '', anchor]) => {
      const problem = problemOf(path, anchor);
      return problem === undefined ? [] : `${source}: ${problem}`;
    }),
  );
  expect(problems).toEqual([]);
});

describe('every page is linked by', () => {
  test.each(['docs/README.md', 'docs/diagnose/README.md'])('%s', (index) => {
    const folder = dirname(index);
    const linked = linkTargets(readText(index)).map((target) => join(folder, target));
    const pages = markdownPages.filter((path) => path.startsWith(`${folder}/`) && path !== index);
    // The page of a folder links the other pages of that folder.
    expect(pages.filter((path) => !linked.includes(path) && !linked.includes(pageOf(path, folder)))).toEqual([]);
  });
});

/** Returns the README of the page's own folder, if that is below `folder`. */
function pageOf(path: string, folder: string): string {
  return dirname(path) === folder ? path : join(dirname(path), 'README.md');
}
