// Reads platform credentials from `config.yaml`: one app per platform as a mapping, several as a list.
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { Document, Node } from 'yaml';
import type { PlatformDescriptor } from '../platforms/platform-descriptor.ts';
import { descriptors, platformIds } from '../platforms/registry.ts';
import type { AppFields } from '../platforms/shared/app-candidate.ts';
import { cleanValue, withoutFullWidth, withoutInvisible } from './clean-value.ts';
import { type Problem, unknownKey, unusableFile } from './problems.ts';
import { type RawSettings, readIfThere } from './read-sources.ts';
import { isSettingName, type SettingName } from './settings.ts';
import { yamlMistake } from './yaml-mistakes.ts';

const FILE = 'config.yaml';
const require = createRequire(import.meta.url);

/** Loads the YAML parser on demand, because it has 84 modules and most installations have no file to parse. */
function yaml(): typeof import('yaml') {
  return require('yaml');
}

export interface YamlReading {
  /** Fields of a single app, as the settings with the same meaning. */
  values: RawSettings;
  /** Apps of lists, by platform. */
  apps: ReadonlyMap<string, AppFields[]>;
  problems: Problem[];
}

interface Reading extends YamlReading {
  apps: Map<string, AppFields[]>;
}

const isMapping = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Returns true for null in YAML, which the failsafe schema keeps as text. */
const isNull = (value: unknown): boolean => typeof value === 'string' && /^(~|null)$/i.test(value);

/** Reads the text fields of one app. Empty fields count as unset. */
function readFields(node: unknown, at: string, known: readonly string[], problems: Problem[]): AppFields {
  const fields: Record<string, string> = {};
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

/** Reads the common fields of a list. Each entry may contain them, but all with the same value. */
function readCommon(list: AppFields[], { id: key, apps }: PlatformDescriptor, reading: Reading): void {
  for (const [field, name] of namedSettings(apps.commonFields)) {
    const [value, ...others] = new Set(list.flatMap((fields) => fields[field] ?? []));
    if (value !== undefined) reading.values[name] = { value, source: FILE, label: `${key}.${field}` };
    if (others.length === 0) continue;
    const problem = `The entries of ${key} in ${FILE} have different values of ${field}, but ${name} can have only one value.`;
    reading.problems.push({ name, problem, fix: `Use one ${field} in all entries, or set ${name}.` });
  }
}

/**
 * Reads one platform: a list of apps, or one app as a mapping. The fields of a mapping become settings. A mapping with a
 * field that has no setting is read as a list of one.
 */
function readPlatform(root: Record<string, unknown>, platform: PlatformDescriptor, reading: Reading): void {
  const { id: key, apps } = platform;
  const node = root[key];
  const known = [...Object.keys(apps.fields), ...Object.keys(apps.commonFields)];
  const list = Array.isArray(node)
    ? node.map((app, index) => readFields(app, `${key}[${index}]`, known, reading.problems))
    : [readFields(node, key, known, reading.problems)];
  const settings = new Map(namedSettings({ ...apps.fields, ...apps.commonFields }));
  const fields = list.flatMap((app) => Object.entries(app));
  if (Array.isArray(node) || fields.some(([field]) => !settings.has(field))) {
    reading.apps.set(key, list);
    readCommon(list, platform, reading);
    return;
  }
  for (const [field, value] of fields) {
    const name = settings.get(field);
    if (name !== undefined) reading.values[name] = { value, source: FILE, label: `${key}.${field}` };
  }
}

/** Returns the fields that have a setting with the same meaning. */
function namedSettings(fields: Readonly<Record<string, string | undefined>>): [field: string, name: SettingName][] {
  return Object.entries(fields).flatMap(([field, name]) => (isSettingName(name) ? [[field, name]] : []));
}

/** Replaces characters of input methods in keys and indentation: `：`, no-break spaces and full-width spaces. */
function normalise(text: string): string {
  return withoutInvisible(text)
    .replace(/^[ \t\u00a0\u3000-]+/gm, withoutFullWidth)
    .replace(/^([ -]*\w+)[ \u00a0\u3000]*：[ \u00a0\u3000]*/gm, '$1: ');
}

const isMarked = (node: Node): boolean =>
  yaml().isAlias(node) || ('anchor' in node && node.anchor !== undefined) || node.tag?.startsWith('!') === true;

/**
 * Returns the first mistake with its line, and without a value. Also rejects anchors, aliases and tags, because they
 * would silently cut or replace a value.
 */
function findMistake(document: Document, text: string): Problem | undefined {
  const [error] = document.errors;
  let mistake = error && { line: error.linePos?.[0].line ?? 1, text: yamlMistake(error.code) };
  if (mistake === undefined) {
    const lineOf = (offset: number | undefined) => text.slice(0, offset ?? 0).split('\n').length;
    const { visit } = yaml();
    visit(document, {
      Node(_key, node) {
        if (!isMarked(node)) return undefined;
        mistake = { line: lineOf(node.range?.[0]), text: yamlMistake('BAD_ALIAS') };
        return visit.BREAK;
      },
    });
  }
  if (mistake === undefined) return undefined;
  const line = `line ${mistake.line} of ${FILE}`;
  return { name: FILE, problem: `${line} ${mistake.text}.`, fix: `Correct ${line}.` };
}

/** Reads the file in `dir`. Returns an empty reading if the file does not exist. */
export function readConfigYaml(dir: string): YamlReading {
  const reading: Reading = { values: {}, apps: new Map(), problems: [] };
  const written = readIfThere(join(dir, FILE), FILE, reading.problems);
  if (written === undefined) return reading;
  const text = normalise(written);
  // The failsafe schema keeps every value as text, so that a token of digits keeps its leading zeros.
  // Without `logLevel`, a key such as {{secret}} would cause a process warning that contains the key.
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
  const known: string[] = platformIds();
  const unknown = Object.keys(root).filter((key) => !known.includes(key));
  reading.problems.push(...unknown.map((key) => unknownKey(key, FILE, known)));
  for (const platform of descriptors()) readPlatform(root, platform, reading);
  return reading;
}
