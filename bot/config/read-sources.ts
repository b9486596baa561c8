// Reads settings as text from the environment, `.env` and `application.properties`, and remembers where each came from.
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseEnv } from 'node:util';
import { parse as parseProperties } from 'dot-properties';
import { type Problem, unknownKey, unusableFile } from './problems.ts';
import { type SettingName, settingFacts, settingNames } from './settings.ts';

interface Sourced {
  value: string;
  /** Words for people: `environment`, `.env`, `config.yaml`, a secret's file … */
  source: string;
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

/** Contents of a file, `undefined` when it does not exist; anything else wrong with it is a problem. */
export function readIfThere(path: string, name: string, problems: Problem[]): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException; // file system errors always carry a code
    if (code !== 'ENOENT') problems.push(unusableFile(name, path, String(code)));
    return undefined;
  }
}

function readSecretFile(name: SettingName, path: string, dir: string, problems: Problem[]): Sourced | undefined {
  const file = resolve(dir, path);
  try {
    return { value: readFileSync(file, 'utf8').trim(), source: `file ${path}` };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException; // file system errors always carry a code
    const fix = `Create ${file} with the secret in it, readable by this user, or remove ${name}_FILE.`;
    problems.push({ name, problem: `${name}_FILE names ${file}, which cannot be read (${code}).`, fix });
    return undefined;
  }
}

/** Picks our settings out of variables; secrets may be given by `NAME_FILE` instead. */
function pick(variables: Record<string, string | undefined>, source: string, dir: string): Reading {
  const reading: Reading = { values: {}, problems: [] };
  for (const name of settingNames()) {
    const value = variables[name]?.trim();
    const path = settingFacts(name).secret ? variables[`${name}_FILE`]?.trim() : undefined;
    if (value && path) {
      const problem = `${name} and ${name}_FILE are both set (${source}), so it is open which one counts.`;
      reading.problems.push({ name, problem, fix: `Remove ${name} or ${name}_FILE.` });
    }
    const found = path ? readSecretFile(name, path, dir, reading.problems) : { value: value ?? '', source };
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
  return names.includes(key) || isSecretFile || COMPOSE_KEY.test(key);
};

/** Node's parser glues a line without "=" to the name on the next one; this last name makes that visible at the end too. */
const LAST = 'END_OF_FILE';

function badKey(key: string): Problem {
  if (!/\s/.test(key)) return unknownKey(key, '.env', settingNames());
  const line = key.split('\n')[0] ?? key;
  const problem = `The line ${JSON.stringify(line)} in .env has no "=", so it sets nothing.`;
  return { name: line, problem, fix: 'Write it as NAME=value, or remove it.' };
}

/** The `.env` file beside the program, as Node reads it. */
export function readDotenv(dir: string): Reading {
  const problems: Problem[] = [];
  const content = readIfThere(join(dir, '.env'), '.env', problems) ?? '';
  const { [LAST]: _last, ...variables } = parseEnv(`${content}\n${LAST}=\n`);
  const unknown = Object.keys(variables).filter((key) => !isKnown(key));
  const reading = pick(variables, '.env', dir);
  return { values: reading.values, problems: [...problems, ...unknown.map(badKey), ...reading.problems] };
}

/** `application.properties`: the two session settings under the names of the original guide. */
export function readProperties(dir: string): Reading {
  const file = 'application.properties';
  const reading: Reading = { values: {}, problems: [] };
  const content = readIfThere(join(dir, file), file, reading.problems) ?? '';
  for (const [key, value] of Object.entries(parseProperties(content))) {
    const name = PROPERTIES[key];
    if (name === undefined) reading.problems.push(unknownKey(key, file, Object.keys(PROPERTIES)));
    else if (String(value).trim() !== '') reading.values[name] = { value: String(value).trim(), source: file };
  }
  return reading;
}
