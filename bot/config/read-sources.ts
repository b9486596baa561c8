// Reads settings as text from the environment, `.env` and `application.properties`, each with its source.
import { join, resolve } from 'node:path';
import { type Pair, parseLines } from 'dot-properties';
import { cleanValue, withoutInvisible } from './clean-value.ts';
import { type DotenvEntry, type DotenvMistake, parseDotenv } from './parse-dotenv.ts';
import { notUtf8, type Problem, unknownKey, unusableFile } from './problems.ts';
import { NotUtf8Error, readText } from './read-text.ts';
import { isSettingName, type SettingName, settingFacts, settingNames } from './settings.ts';

interface Sourced {
  value: string;
  /** Name of the source in messages: `environment`, `.env`, `config.yaml`, the file of a secret … */
  source: string;
  /** Name in the file if it differs from the name of the setting, such as `dingtalk.aes_key`. */
  label?: string;
}

export type RawSettings = Partial<Record<SettingName, Sourced>>;

export interface Reading {
  values: RawSettings;
  problems: Problem[];
}

/** Matches keys of `.env` that configure Compose or name an image. */
const COMPOSE_KEY = /^(COMPOSE_\w+|(\w+_)?VERSION|\w+_IMAGE)$/;

const PROPERTIES: Record<string, SettingName> = {
  'session.timeout': 'SESSION_TIMEOUT_SECONDS',
  'context.max_length': 'CONTEXT_MAX_LENGTH',
};

/** Returns the text of a file, or `undefined` if it does not exist. Any other failure adds a problem. */
export function readIfThere(path: string, name: string, problems: Problem[]): string | undefined {
  try {
    return readText(path);
  } catch (error) {
    if (error instanceof NotUtf8Error) problems.push(notUtf8(name, name));
    else {
      const { code } = error as NodeJS.ErrnoException; // file system errors always carry a code
      if (code !== 'ENOENT') problems.push({ ...unusableFile(name, path, String(code)), ...unreadable(path, code) });
    }
    return undefined;
  }
}

function unreadable(path: string, code: string | undefined): Pick<Problem, 'unreadable'> {
  return code === 'EACCES' || code === 'EPERM' ? { unreadable: path } : {};
}

function readSecretFile(name: SettingName, path: string, dir: string, problems: Problem[]): Sourced | undefined {
  const file = resolve(dir, path);
  try {
    const value = cleanValue(readText(file), settingFacts(name));
    if (value === '') {
      const fix = `Write the secret into ${file}, or remove ${name}_FILE.`;
      problems.push({ name, problem: `${name}_FILE names ${file}, which is empty.`, fix });
    }
    return { value, source: `file ${path}` };
  } catch (error) {
    if (error instanceof NotUtf8Error) problems.push(notUtf8(name, `${name}_FILE (${file})`));
    else {
      const { code } = error as NodeJS.ErrnoException; // file system errors always carry a code
      const fix = `Create ${file} with the secret in it, readable by this user, or remove ${name}_FILE.`;
      const problem = `${name}_FILE names ${file}, which cannot be read (${code}).`;
      problems.push({ name, problem, fix, ...unreadable(file, code) });
    }
    return undefined;
  }
}

/**
 * Returns the value of a setting. The lower-case name of a proxy has precedence, because programs read it first, and
 * some read only this name.
 */
function valueIn(variables: Record<string, string | undefined>, name: SettingName): string {
  const lower = name.endsWith('_PROXY') ? variables[name.toLowerCase()] : undefined;
  return cleanValue(lower || (variables[name] ?? ''), settingFacts(name));
}

/** Selects the settings among variables. A secret may also come from the file that `NAME_FILE` names. */
function pick(variables: Record<string, string | undefined>, source: string, dir: string): Reading {
  const reading: Reading = { values: {}, problems: [] };
  for (const name of settingNames()) {
    const value = valueIn(variables, name);
    const path = settingFacts(name).secret ? cleanValue(variables[`${name}_FILE`] ?? '') : undefined;
    if (value && path) {
      const problem = `${name} and ${name}_FILE are both set (${source}), so it is unclear which one applies.`;
      reading.problems.push({ name, problem, fix: `Remove ${name} or ${name}_FILE.` });
    }
    const found = path && !value ? readSecretFile(name, path, dir, reading.problems) : { value, source };
    if (found?.value) reading.values[name] = found;
  }
  return reading;
}

export const readEnvironment = (env: NodeJS.ProcessEnv, dir: string): Reading => pick(env, 'environment', dir);

const isKnown = (key: string): boolean => {
  const base = key.replace(/_FILE$/, '');
  const isSecretFile = base !== key && isSettingName(base) && settingFacts(base).secret;
  const isProxy = /^[a-z]+_proxy$/.test(key) && isSettingName(key.toUpperCase());
  return isSettingName(key) || isSecretFile || isProxy || COMPOSE_KEY.test(key);
};

const MISTAKES: Record<DotenvMistake['kind'], { text: string; fix: string }> = {
  no_equals: { text: 'has no "=" after its name, so it sets nothing', fix: 'Write it as NAME=value, or remove it.' },
  open_quote: {
    text: 'begins with a quotation mark that is not closed',
    fix: 'Close the quotation mark, or put the complete value into another kind of quotation marks.',
  },
  after_quote: {
    text: 'continues after its closing quotation mark',
    fix: 'Put the complete value into another kind of quotation marks.',
  },
};

function explainMistake({ kind, name, line }: DotenvMistake): Problem {
  const { text, fix } = MISTAKES[kind];
  const known = isKnown(name);
  const place = `.env line ${line}`;
  const shown = name === '' ? place : `${place} (${name.slice(0, 60)})`;
  return { name: known ? name : place, problem: `${shown} ${text}.`, fix };
}

/**
 * Returns a problem for each name that is set twice with different values. If the first value is empty, the second one
 * applies. If the second value is empty, that is a contradiction.
 */
function findDuplicates(entries: readonly Omit<DotenvEntry, 'lastLine'>[], file: string): Problem[] {
  const problems: Problem[] = [];
  for (const { name, value, line } of entries) {
    const first = entries.find((entry) => entry.name === name && entry.value !== '');
    if (first === undefined || first.line >= line || first.value === value) continue;
    const loss = value === '' ? 'and the last one empties it' : 'with different values';
    problems.push({
      name,
      problem: `${name} is set twice in ${file}, in lines ${first.line} and ${line}, ${loss}, so it is unclear which one applies.`,
      fix: `Keep one of the lines that set ${name}.`,
    });
  }
  return problems;
}

/** Reads the `.env` file in `dir`. */
export function readDotenv(dir: string): Reading {
  const problems: Problem[] = [];
  const { entries, mistakes } = parseDotenv(readIfThere(join(dir, '.env'), '.env', problems) ?? '');
  const variables = Object.fromEntries(entries.map(({ name, value }) => [name, value]));
  const unknown = Object.keys(variables).filter((key) => !isKnown(key));
  const reading = pick(variables, '.env', dir);
  return {
    values: reading.values,
    problems: [
      ...problems,
      ...mistakes.map(explainMistake),
      ...unknown.map((key) => unknownKey(key, '.env', settingNames())),
      ...findDuplicates(entries, '.env'),
      ...reading.problems,
    ],
  };
}

/** Reads `application.properties`, which sets the two session settings by the names of the original guide. */
export function readProperties(dir: string): Reading {
  const file = 'application.properties';
  const reading: Reading = { values: {}, problems: [] };
  const content = withoutInvisible(readIfThere(join(dir, file), file, reading.problems) ?? '');
  const text = content.replace(/^(\s*[\w.]+)[ \t\u3000]*[＝：]/gm, '$1=');
  const entries = parseLines(text, true)
    .filter((node): node is Required<Pair> => node.type === 'PAIR')
    .map(({ key, value, range }) => ({ name: key, value: value.trim(), line: lineAt(text, range[0]) }));
  reading.problems.push(...findDuplicates(entries, file));
  for (const { name: key, value: written } of entries) {
    const name = PROPERTIES[key];
    if (name === undefined) {
      reading.problems.push(unknownKey(key, file, Object.keys(PROPERTIES)));
      continue;
    }
    const value = cleanValue(written, settingFacts(name));
    if (value !== '') reading.values[name] = { value, source: file, label: key };
  }
  return reading;
}

const lineAt = (text: string, offset: number): number => text.slice(0, offset).split('\n').length;
