// Makes a log line safe to write: flat dotted keys, plain values, bounded lengths, no secrets.
import { cutText } from './cut-text.ts';
import { describeError, isError } from './describe-error.ts';
import { printableJson } from './printable.ts';
import { isSecretName, REDACTED } from './redact.ts';

type PlainValue = string | number | boolean | PlainValue[];
/** Names and values in the order they are written. A map: an object with so many names is several times slower. */
export type PlainLine = Map<string, PlainValue>;

/** Longest text that is looked at, and longest that is written. Elasticsearch refuses keywords over 32,766 bytes. */
const READ_LENGTH = 65_536;
const WRITE_LENGTH = 8192;
const DEPTH = 6;
const ITEMS = 50;

/** Namespaces of ECS that the bot may write; any other key is moved under `chatbot.`, where it can collide with nothing. */
const OWN_KEY = /^(?:@timestamp$|message$|(?:chatbot|ecs|event|trace|http|url|client|error|log|service|process)\.)/;

/** How to clean texts and names; names repeat from line to line, so what was found out about them is kept. */
export interface Cleaner {
  text(text: string): string;
  name(name: string): { safe: string; isSecret: boolean };
}

/** Names beyond this are judged each time anew: they come from data, not from the program. */
const KEPT_NAMES = 1000;

/** Makes a cleaner from a redactor. */
export function createCleaner(redact: (text: string) => string): Cleaner {
  const names = new Map<string, { safe: string; isSecret: boolean }>();
  return {
    text: redact,
    name(name) {
      const kept = names.get(name);
      if (kept !== undefined) return kept;
      const judged = { safe: redact(name), isSecret: isSecretName(name) };
      if (names.size < KEPT_NAMES) names.set(name, judged);
      return judged;
    },
  };
}

function plainText(text: string, cleaner: Cleaner): string {
  const safe = cleaner.text(cutText(text, READ_LENGTH));
  const short = safe.length > WRITE_LENGTH ? `${safe.slice(0, WRITE_LENGTH)}… (cut)` : safe;
  return short.toWellFormed(); // half a character is refused by the log pipeline
}

/** What an object is when written: its entries, or a text for objects that are values. */
function partsOf(value: object): Record<string, unknown> | string {
  if (isError(value)) return { ...describeError(value) };
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'invalid date' : value.toISOString();
  if (value instanceof URL) return value.href;
  if (ArrayBuffer.isView(value)) return `${value.byteLength} bytes`;
  if (value instanceof Map) return Object.fromEntries([...value].map(([key, item]) => [String(key), item]));
  if (value instanceof Set) return { values: [...value] };
  return Object.fromEntries(Object.entries(value));
}

/** Numbers and switches as they are, everything else as text; `undefined` for what is not written. */
function plainScalar(value: unknown, cleaner: Cleaner): string | number | boolean | undefined {
  if (typeof value === 'string') return plainText(value, cleaner);
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value);
  if (typeof value === 'boolean') return value;
  return typeof value === 'bigint' ? String(value) : undefined;
}

interface Walk {
  cleaner: Cleaner;
  depth: number;
}

function plainItem(item: unknown, walk: Walk): PlainValue[] {
  if (typeof item !== 'object' || item === null) {
    const scalar = plainScalar(item, walk.cleaner);
    return scalar === undefined ? [] : [scalar];
  }
  // An object in a list becomes text: its keys would otherwise become fields that no two lines share.
  const line: PlainLine = new Map();
  addField(line, 'item', item, walk);
  return [lineToJson(line)];
}

function addObject(line: PlainLine, key: string, value: object, walk: Walk): void {
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

function addField(line: PlainLine, key: string, value: unknown, walk: Walk): void {
  if (value === undefined || value === null) return;
  const { safe, isSecret } = walk.cleaner.name(key);
  if (isSecret && typeof value !== 'number' && typeof value !== 'boolean') line.set(safe, REDACTED);
  else if (typeof value === 'object') addObject(line, key, value, walk);
  else {
    const scalar = plainScalar(value, walk.cleaner);
    if (scalar !== undefined) line.set(safe, scalar);
  }
}

/** Adds fields to a line, flattened and cleaned. `error` becomes the ECS error fields. The field `except` is left out. */
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

/** One line of JSON that is safe to print: standard output may be a terminal. */
export function lineToJson(line: PlainLine): string {
  let members = '';
  for (const [name, value] of line) members += `${members === '' ? '' : ','}${quoted(name)}:${toJson(value)}`;
  return printableJson(`{${members}}`);
}

/** What JSON escapes in a text: quotes, backslashes, control characters and halves of characters. */
const ESCAPED = /["\\\p{Cc}\p{Cs}]/u;

/** Most texts need no escape and are quoted here: `JSON.stringify` takes three times as long for them. */
function toJson(value: PlainValue): string {
  return typeof value === 'string' && !ESCAPED.test(value) ? `"${value}"` : JSON.stringify(value);
}

const quotedNames = new Map<string, string>();

function quoted(name: string): string {
  const kept = quotedNames.get(name);
  if (kept !== undefined) return kept;
  const json = JSON.stringify(name);
  if (quotedNames.size < KEPT_NAMES) quotedNames.set(name, json);
  return json;
}
