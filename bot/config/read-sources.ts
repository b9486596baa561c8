// Reads settings as text from the environment, `.env` and `application.properties`, and remembers where each came from.
import { join, resolve } from 'node:path';
import { type Pair, parseLines } from 'dot-properties';
import { cleanValue, withoutInvisible } from './clean-value.ts';
import { type DotenvEntry, type DotenvMistake, parseDotenv } from './parse-dotenv.ts';
import { notUtf8, type Problem, unknownKey, unusableFile } from './problems.ts';
import { NotUtf8Error, readText } from './read-text.ts';
import { type SettingName, settingFacts, settingNames } from './settings.ts';

interface Sourced {
  value: string;
  /** Words for people: `environment`, `.env`, `config.yaml`, a secret's file … */
  source: string;
  /** Name under which a file holds it, where that is not the setting's: `dingtalk.aes_key`. */
  label?: string;
}

export type RawSettings = Partial<Record<SettingName, Sourced>>;

export interface Reading {
  values: RawSettings;
  problems: Problem[];
}

/** Keys of `.env` that belong to Compose itself or name an image. */
const COMPOSE_KEY = /^(COMPOSE_\w+|(\w+_)?VERSION|\w+_IMAGE)$/;

const PROPERTIES: Record<string, SettingName> = {
  'session.timeout': 'SESSION_TIMEOUT_SECONDS',
  'context.max_length': 'CONTEXT_MAX_LENGTH',
};

/** Text of a file, `undefined` when it does not exist; anything else wrong with it is a problem. */
export function readIfThere(path: string, name: string, problems: Problem[]): string | undefined {
  try {
    return readText(path);
  } catch (error) {
    if (error instanceof NotUtf8Error) problems.push(notUtf8(name, name));
    else {
      const { code } = error as NodeJS.ErrnoException; // file system errors always carry a code
      if (code !== 'ENOENT') problems.push(unusableFile(name, path, String(code)));
    }
    return undefined;
  }
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
      problems.push({ name, problem: `${name}_FILE names ${file}, which cannot be read (${code}).`, fix });
    }
    return undefined;
  }
}

/** Programs read the lower-case names of proxies first, and some only them. */
function valueIn(variables: Record<string, string | undefined>, name: SettingName): string {
  const lower = name.endsWith('_PROXY') ? variables[name.toLowerCase()] : undefined;
  return cleanValue(lower || (variables[name] ?? ''), settingFacts(name));
}

/** Picks our settings out of variables; secrets may be given by `NAME_FILE` instead. */
function pick(variables: Record<string, string | undefined>, source: string, dir: string): Reading {
  const reading: Reading = { values: {}, problems: [] };
  for (const name of settingNames()) {
    const value = valueIn(variables, name);
    const path = settingFacts(name).secret ? cleanValue(variables[`${name}_FILE`] ?? '') : undefined;
    if (value && path) {
      const problem = `${name} and ${name}_FILE are both set (${source}), so it is open which one counts.`;
      reading.problems.push({ name, problem, fix: `Remove ${name} or ${name}_FILE.` });
    }
    const found = path && !value ? readSecretFile(name, path, dir, reading.problems) : { value, source };
    if (found?.value) reading.values[name] = found;
  }
  return reading;
}

export const readEnvironment = (env: NodeJS.ProcessEnv, dir: string): Reading => pick(env, 'environment', dir);

const isKnown = (key: string): boolean => {
  const names: readonly string[] = settingNames();
  const base = key.replace(/_FILE$/, '');
  // A cast to ask a list of names whether it holds the text; the answer is what makes it a name.
  const isSecretFile = base !== key && names.includes(base) && settingFacts(base as SettingName).secret;
  const isProxy = /^[a-z]+_proxy$/.test(key) && names.includes(key.toUpperCase());
  return names.includes(key) || isSecretFile || isProxy || COMPOSE_KEY.test(key);
};

const MISTAKES: Record<DotenvMistake['kind'], { is: string; fix: string }> = {
  no_equals: { is: 'has no "=" behind its name, so it sets nothing', fix: 'Write it as NAME=value, or remove it.' },
  open_quote: {
    is: 'begins with a quotation mark that is not closed',
    fix: 'Close the quotation mark, or put the whole value into the other kind of it.',
  },
  after_quote: {
    is: 'goes on behind its closing quotation mark',
    fix: 'Put the whole value into the other kind of quotation marks.',
  },
};

function explainMistake({ kind, name, line }: DotenvMistake): Problem {
  const { is, fix } = MISTAKES[kind];
  const known = isKnown(name);
  const where = `.env line ${line}`;
  const shown = name === '' ? where : `${where} (${name.slice(0, 60)})`;
  return { name: known ? name : where, problem: `${shown} ${is}.`, fix };
}

/** An empty line above another one counts for nothing; two values, or an empty line below, are a contradiction. */
function findDoubled(entries: readonly Omit<DotenvEntry, 'lastLine'>[], file: string): Problem[] {
  const problems: Problem[] = [];
  for (const { name, value, line } of entries) {
    const first = entries.find((entry) => entry.name === name && entry.value !== '');
    if (first === undefined || first.line >= line || first.value === value) continue;
    const loss = value === '' ? 'and the last one empties it' : 'with different values';
    problems.push({
      name,
      problem: `${name} is set twice in ${file}, in lines ${first.line} and ${line}, ${loss}, so it is open which one counts.`,
      fix: `Keep one of the lines that set ${name}.`,
    });
  }
  return problems;
}

/** The `.env` file beside the program. */
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
      ...findDoubled(entries, '.env'),
      ...reading.problems,
    ],
  };
}

/** `application.properties`: the two session settings under the names of the original guide. */
export function readProperties(dir: string): Reading {
  const file = 'application.properties';
  const reading: Reading = { values: {}, problems: [] };
  const content = withoutInvisible(readIfThere(join(dir, file), file, reading.problems) ?? '');
  const text = content.replace(/^(\s*[\w.]+)[ \t\u3000]*[＝：]/gm, '$1=');
  const entries = parseLines(text, true)
    .filter((node): node is Required<Pair> => node.type === 'PAIR')
    .map(({ key, value, range }) => ({ name: key, value: value.trim(), line: lineAt(text, range[0]) }));
  reading.problems.push(...findDoubled(entries, file));
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
