// Checks that the names of settings and verdicts in code spans of the pages exist.
import { expect, test } from '@jest/globals';
import { settingNames } from '../../bot/config/settings.ts';
import { allRules } from '../../ops/diagnose/verdicts/all-rules.ts';
import { allCode } from './markdown.ts';
import { markdownPages, readText } from './project-files.ts';

/** Names of the same form that are neither settings of the bot nor verdicts. */
const OTHERS: Record<string, readonly string[]> = {
  'codes and functions of databases': ['GET_LOCK', 'SQLITE_BUSY', 'SQLITE_NOTADB', 'SQLITE_READONLY'],
  'codes of the bot': ['NO_STAFF_ID'],
  'constants of the code': ['PATIENCE_MS'],
  'variables of containers': ['MARIADB_ROOT_PASSWORD'],
  'variables of other programs': ['OLLAMA_CONTEXT_LENGTH'],
  'variables of tests': ['CHROMIUM_PATH', 'ES_WORK', 'FUZZ_RUNS', 'FUZZ_SEED', 'JRUBY_JAR', 'REQUIRE_ALL'],
  'example of any setting, from a file': ['NAME_FILE'],
};

const known = [...settingNames(), ...allRules().map(({ id }) => id), ...Object.values(OTHERS).flat()];
const NAME = /(?<![\w*])[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+(?:_\*)?(?![\w])/g;

/** A name that ends with `*` stands for every setting with this beginning. */
const exists = (name: string): boolean =>
  name.endsWith('*') ? known.some((one) => one.startsWith(name.slice(0, -1))) : known.includes(name);

const namesIn = (page: string): string[] => allCode(page).flatMap((code) => code.match(NAME) ?? []);
const pages = markdownPages.filter((page) => page !== 'CHANGELOG.md');

test.each(pages)('%s', (page) => {
  expect([...new Set(namesIn(readText(page)))].filter((name) => !exists(name))).toEqual([]);
});

test('finds names in code, and the ones that do not exist', () => {
  const names = namesIn('`MODEL_FALLBACK_*`, `MODEL_NAME=x make up`, NOT_CODE\n\n```sh\nexport MODEL_NAMES=x\n```');
  expect(names).toEqual(['MODEL_FALLBACK_*', 'MODEL_NAME', 'MODEL_NAMES']);
  expect(names.filter(exists)).toEqual(['MODEL_FALLBACK_*', 'MODEL_NAME']);
});

test('every exception is used', () => {
  const used = pages.flatMap((page) => namesIn(readText(page)));
  expect(
    Object.values(OTHERS)
      .flat()
      .filter((name) => !used.includes(name)),
  ).toEqual([]);
});
