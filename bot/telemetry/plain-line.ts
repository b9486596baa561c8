// Makes a log line safe to write: flat dotted keys, plain values, limited lengths, no secrets.
import { cutText } from './cut-text.ts';
import { describeError, isError } from './describe-error.ts';
import { printableJson } from './printable.ts';
import { isSecretName, REDACTED } from './redact.ts';

type PlainValue = string | number | boolean | PlainValue[];
/** Names and values in the order of writing. A map, because an object with so many names is several times slower. */
export type PlainLine = Map<string, PlainValue>;

/**
 * Maximum lengths of a text to redact and to write, in characters. Elasticsearch rejects keywords over 32,766 bytes.
 */
const READ_LENGTH = 65_536;
const WRITE_LENGTH = 8192;
const DEPTH = 6;
const ITEMS = 50;

/** ECS namespaces that the bot may write. Any other key is moved under `chatbot.`, where it cannot collide with ECS. */
const OWN_KEY = /^(?:@timestamp$|message$|(?:chatbot|ecs|event|trace|http|url|client|error|log|service|process)\.)/;

/** Cleans texts and names. Results for names are cached, because names repeat in every line. */
export interface Cleaner {
  text(text: string): string;
  name(name: string): { safe: string; isSecret: boolean };
}

/** Maximum number of cached names. Further names are probably from data, not from the program, and are not cached. */
const CACHED_NAMES = 1000;

/** Creates a cleaner from a redactor. */
export function createCleaner(redact: (text: string) => string): Cleaner {
  const names = new Map<string, { safe: string; isSecret: boolean }>();
  return {
    text: redact,
    name(name) {
      const cached = names.get(name);
      if (cached !== undefined) return cached;
      const result = { safe: redact(name), isSecret: isSecretName(name) };
      if (names.size < CACHED_NAMES) names.set(name, result);
      return result;
    },
  };
}

function plainText(text: string, cleaner: Cleaner): string {
  const safe = cleaner.text(cutText(text, READ_LENGTH));
  const short = safe.length > WRITE_LENGTH ? `${safe.slice(0, WRITE_LENGTH)}… (cut)` : safe;
  return short.toWellFormed(); // the log pipeline rejects lone surrogates
}

/** Returns the entries of an object to write, or a text for an object that is a single value. */
function partsOf(value: object): Record<string, unknown> | string {
  if (isError(value)) return { ...describeError(value) };
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'invalid date' : value.toISOString();
  if (value instanceof URL) return value.href;
  if (ArrayBuffer.isView(value)) return `${value.byteLength} bytes`;
  if (value instanceof Map) return Object.fromEntries([...value].map(([key, item]) => [String(key), item]));
  if (value instanceof Set) return { values: [...value] };
  return Object.fromEntries(Object.entries(value));
}

/** Returns numbers and booleans unchanged, other values as text, and `undefined` for values that are not written. */
function plainScalar(value: unknown, cleaner: Cleaner): string | number | boolean | undefined {
  if (typeof value === 'string') return plainText(value, cleaner);
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value);
  if (typeof value === 'boolean') return value;
  return typeof value === 'bigint' ? String(value) : undefined;
}

interface FieldWalk {
  cleaner: Cleaner;
  depth: number;
}

function plainItem(item: unknown, walk: FieldWalk): PlainValue[] {
  if (typeof item !== 'object' || item === null) {
    const scalar = plainScalar(item, walk.cleaner);
    return scalar === undefined ? [] : [scalar];
  }
  // An object in a list becomes text. Otherwise its keys would become fields that exist in one line only.
  const line: PlainLine = new Map();
  addField(line, 'item', item, walk);
  return [lineToJson(line)];
}

function addObject(line: PlainLine, key: string, value: object, walk: FieldWalk): void {
  const { safe } = walk.cleaner.name(key);
  const parts = walk.depth < DEPTH ? (Array.isArray(value) ? value : partsOf(value)) : 'too deep';
  const deeper = { ...walk, depth: walk.depth + 1 };
  if (typeof parts === 'string') line.set(safe, plainText(parts, walk.cleaner));
  else if (Array.isArray(parts))
    line.set(
      safe,
      parts.slice(0, ITEMS).flatMap((item) => plainItem(item, deeper)),
    );
  else {
    for (const [part, item] of Object.entries(parts).slice(0, ITEMS)) addField(line, `${key}.${part}`, item, deeper);
  }
}

function addField(line: PlainLine, key: string, value: unknown, walk: FieldWalk): void {
  if (value === undefined || value === null) return;
  const { safe, isSecret } = walk.cleaner.name(key);
  if (isSecret && typeof value !== 'number' && typeof value !== 'boolean') line.set(safe, REDACTED);
  else if (typeof value === 'object') addObject(line, key, value, walk);
  else {
    const scalar = plainScalar(value, walk.cleaner);
    if (scalar !== undefined) line.set(safe, scalar);
  }
}

/**
 * Adds fields to a line, flattened and cleaned. `error` becomes the ECS error fields. The field `except` is omitted.
 */
export function addFields(line: PlainLine, fields: object, cleaner: Cleaner, except?: string): void {
  const walk = { cleaner, depth: 0 };
  for (const [key, value] of Object.entries(fields)) {
    if (key === except) continue;
    if (key === 'error' && value !== undefined) addFields(line, describeError(value), cleaner);
    else {
      const nested = typeof value === 'object' && !Array.isArray(value);
      const own = OWN_KEY.test(nested ? `${key}.` : key);
      addField(line, own ? key : `chatbot.${key}`, value, walk);
    }
  }
}

/** Returns one line of JSON that is safe to print, because standard output may be a terminal. */
export function lineToJson(line: PlainLine): string {
  let members = '';
  for (const [name, value] of line) members += `${members === '' ? '' : ','}${quoted(name)}:${toJson(value)}`;
  return printableJson(`{${members}}`);
}

/** Characters that JSON escapes: quotes, backslashes, control characters and lone surrogates. */
const ESCAPED = /["\\\p{Cc}\p{Cs}]/u;

/** Quotes texts without escapes directly, because `JSON.stringify` is three times slower. Most texts have none. */
function toJson(value: PlainValue): string {
  return typeof value === 'string' && !ESCAPED.test(value) ? `"${value}"` : JSON.stringify(value);
}

const quotedNames = new Map<string, string>();

function quoted(name: string): string {
  const cached = quotedNames.get(name);
  if (cached !== undefined) return cached;
  const json = JSON.stringify(name);
  if (quotedNames.size < CACHED_NAMES) quotedNames.set(name, json);
  return json;
}
