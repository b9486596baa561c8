// Reads platform credentials from `config.yaml`: one app per platform as a mapping, several as a list.
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { Document, Node } from 'yaml';
import { cleanValue, withoutFullWidth, withoutInvisible } from './clean-value.ts';
import { type Problem, unknownKey, unusableFile } from './problems.ts';
import { type RawSettings, readIfThere } from './read-sources.ts';
import type { SettingName } from './settings.ts';
import { yamlMistake } from './yaml-mistakes.ts';

const FILE = 'config.yaml';
const require = createRequire(import.meta.url);

/** Loads the parser's 84 modules only where there is a file to parse. */
function yaml(): typeof import('yaml') {
  return require('yaml');
}

export const FEISHU_FIELDS = {
  app_id: 'FEISHU_APP_ID',
  app_secret: 'FEISHU_APP_SECRET',
  encrypt_key: 'FEISHU_ENCRYPT_KEY',
  verification_token: 'FEISHU_VERIFICATION_TOKEN',
} as const;

export const DINGTALK_FIELDS = {
  app_key: 'DINGTALK_APP_KEY',
  app_secret: 'DINGTALK_APP_SECRET',
  aes_key: 'DINGTALK_AES_KEY',
  token: 'DINGTALK_TOKEN',
  robot_code: 'DINGTALK_ROBOT_CODE',
} as const;

/** Fields of one app as text, keyed as in the file. */
export type AppFields = Record<string, string>;

export interface YamlReading {
  /** A single app, spread over the settings of the same meaning. */
  values: RawSettings;
  feishu: AppFields[];
  dingtalk: AppFields[];
  problems: Problem[];
}

const isMapping = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Null as YAML writes it: the failsafe schema leaves it a text. */
const isNull = (value: unknown): boolean => typeof value === 'string' && /^(~|null)$/i.test(value);

/** Text fields of one app; empty ones count as unset. */
function readFields(node: unknown, at: string, known: readonly string[], problems: Problem[]): AppFields {
  const fields: AppFields = {};
  if (node === '' || node === undefined || isNull(node)) return fields;
  if (!isMapping(node)) {
    const fix = `Write ${at} as lines of "name: value", with these names: ${known.join(', ')}.`;
    problems.push({ name: at, problem: `${at} in ${FILE} is not a mapping, so no app can be read from it.`, fix });
    return fields;
  }
  for (const [key, value] of Object.entries(node)) {
    const name = `${at}.${key}`;
    if (!known.includes(key)) {
      problems.push(
        unknownKey(
          name,
          FILE,
          known.map((field) => `${at}.${field}`),
        ),
      );
    } else if (typeof value !== 'string') {
      problems.push({ name, problem: `${name} in ${FILE} is not a text.`, fix: `Write ${name} as one value.` });
    } else if (!isNull(value)) {
      const text = cleanValue(value, { secret: true });
      if (text !== '') fields[key] = text;
    }
  }
  return fields;
}

interface Platform {
  key: 'feishu' | 'dingtalk';
  /** Fields of one app. */
  fields: Record<string, SettingName>;
  /** Fields that hold for all apps of the platform. */
  common: Record<string, SettingName>;
}

/** A common field may stand in every entry of a list, but only with one value. */
function readCommon(list: AppFields[], { key, common }: Platform, reading: YamlReading): void {
  for (const [field, name] of Object.entries(common)) {
    const [value, ...others] = new Set(list.flatMap((fields) => fields[field] ?? []));
    if (value !== undefined) reading.values[name] = { value, source: FILE, label: `${key}.${field}` };
    if (others.length === 0) continue;
    const problem = `The entries of ${key} in ${FILE} have different values of ${field}, and ${name} can only be one.`;
    reading.problems.push({ name, problem, fix: `Use one ${field} in all entries, or set ${name}.` });
  }
}

function readPlatform(root: Record<string, unknown>, platform: Platform, reading: YamlReading): void {
  const { key, fields, common } = platform;
  const node = root[key];
  const names = { ...fields, ...common };
  const known = Object.keys(names);
  if (Array.isArray(node)) {
    reading[key] = node.map((app, index) => readFields(app, `${key}[${index}]`, known, reading.problems));
    readCommon(reading[key], platform, reading);
    return;
  }
  for (const [field, value] of Object.entries(readFields(node, key, known, reading.problems))) {
    const name = names[field];
    if (name !== undefined) reading.values[name] = { value, source: FILE, label: `${key}.${field}` };
  }
}

/** Replaces signs of input methods and editors in keys and indentation: `：`, no-break and full-width spaces. */
function normalise(text: string): string {
  return withoutInvisible(text)
    .replace(/^[ \t\u00a0\u3000-]+/gm, withoutFullWidth)
    .replace(/^([ -]*\w+)[ \u00a0\u3000]*：[ \u00a0\u3000]*/gm, '$1: ');
}

const isMarked = (node: Node): boolean =>
  yaml().isAlias(node) || ('anchor' in node && node.anchor !== undefined) || node.tag?.startsWith('!') === true;

/** An error by its line and meaning; an anchor, alias or tag would silently cut or replace a value. */
function findMistake(document: Document, text: string): Problem | undefined {
  const [error] = document.errors;
  let place = error && { line: error.linePos?.[0].line ?? 1, is: yamlMistake(error.code) };
  if (place === undefined) {
    const at = (offset: number | undefined) => text.slice(0, offset ?? 0).split('\n').length;
    const { visit } = yaml();
    visit(document, {
      Node(_key, node) {
        if (!isMarked(node)) return undefined;
        place = { line: at(node.range?.[0]), is: yamlMistake('BAD_ALIAS') };
        return visit.BREAK;
      },
    });
  }
  if (place === undefined) return undefined;
  const where = `line ${place.line} of ${FILE}`;
  return { name: FILE, problem: `${where} ${place.is}.`, fix: `Correct ${where}.` };
}

/** The file in `dir`, or an empty reading when there is none. */
export function readConfigYaml(dir: string): YamlReading {
  const reading: YamlReading = { values: {}, feishu: [], dingtalk: [], problems: [] };
  const written = readIfThere(join(dir, FILE), FILE, reading.problems);
  if (written === undefined) return reading;
  const text = normalise(written);
  // The failsafe schema keeps every value as text, so a token of digits keeps its leading zeros.
  // Without `logLevel` a key such as {{secret}} is a warning of the runtime, which holds the key.
  const document = yaml().parseDocument(text, { schema: 'failsafe', logLevel: 'error' });
  const mistake = findMistake(document, text);
  if (mistake !== undefined) {
    reading.problems.push(mistake);
    return reading;
  }
  const root: unknown = document.toJS() ?? {};
  if (!isMapping(root)) {
    if (root !== '') reading.problems.push(unusableFile(FILE, FILE, 'not a mapping'));
    return reading;
  }
  const known = ['feishu', 'dingtalk'];
  const unknown = Object.keys(root).filter((key) => !known.includes(key));
  reading.problems.push(...unknown.map((key) => unknownKey(key, FILE, known)));
  readPlatform(root, { key: 'feishu', fields: FEISHU_FIELDS, common: { base_url: 'FEISHU_BASE_URL' } }, reading);
  readPlatform(root, { key: 'dingtalk', fields: DINGTALK_FIELDS, common: {} }, reading);
  return reading;
}
