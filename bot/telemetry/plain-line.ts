// Makes a log line safe to write: flat dotted keys, plain values, bounded lengths, no secrets.
import { describeError, isError } from './describe-error.ts';
import { isSecretName, REDACTED } from './redact.ts';

type PlainValue = string | number | boolean | PlainValue[];
export type PlainLine = Record<string, PlainValue>;

/** Longest text that is looked at, and longest that is written. Elasticsearch refuses keywords over 32,766 bytes. */
const READ_LENGTH = 65_536;
const WRITE_LENGTH = 8192;
const DEPTH = 6;
const ITEMS = 50;

/** Namespaces of ECS that the bot may write; any other key is moved under `chatbot.`, where it can collide with nothing. */
const OWN_KEY = /^(?:@timestamp$|message$|(?:chatbot|ecs|event|trace|http|url|client|error|log|service|process)\.)/;

type Redact = (text: string) => string;

function plainText(text: string, redact: Redact): string {
  const safe = redact(text.slice(0, READ_LENGTH));
  const short = safe.length > WRITE_LENGTH ? `${safe.slice(0, WRITE_LENGTH)}… (cut)` : safe;
  return short.replace(/\p{Surrogate}/gu, '\ufffd'); // half a character is refused by the log pipeline
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
function plainScalar(value: unknown, redact: Redact): string | number | boolean | undefined {
  if (typeof value === 'string') return plainText(value, redact);
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value);
  if (typeof value === 'boolean') return value;
  return typeof value === 'bigint' ? String(value) : undefined;
}

function plainItem(item: unknown, redact: Redact): PlainValue[] {
  if (typeof item !== 'object' || item === null) {
    const scalar = plainScalar(item, redact);
    return scalar === undefined ? [] : [scalar];
  }
  // An object in a list becomes text: its keys would otherwise become fields that no two lines share.
  const line: PlainLine = {};
  addField(line, 'item', item, { redact, depth: 1 });
  return [JSON.stringify(line)];
}

interface Walk {
  redact: Redact;
  depth: number;
}

function addObject(line: PlainLine, key: string, value: object, walk: Walk): void {
  const parts = walk.depth < DEPTH ? partsOf(value) : 'too deep';
  const entries = typeof parts === 'string' ? [] : Object.entries(parts).slice(0, ITEMS);
  if (typeof parts === 'string') line[walk.redact(key)] = plainText(parts, walk.redact);
  for (const [part, item] of entries) addField(line, `${key}.${part}`, item, { ...walk, depth: walk.depth + 1 });
}

function addField(line: PlainLine, key: string, value: unknown, walk: Walk): void {
  const { redact } = walk;
  const isSwitch = typeof value === 'number' || typeof value === 'boolean';
  if (value === undefined || value === null) return;
  if (isSecretName(key) && !isSwitch) line[redact(key)] = REDACTED;
  else if (Array.isArray(value)) line[redact(key)] = value.slice(0, ITEMS).flatMap((item) => plainItem(item, redact));
  else if (typeof value === 'object') addObject(line, key, value, walk);
  else {
    const scalar = plainScalar(value, redact);
    if (scalar !== undefined) line[redact(key)] = scalar;
  }
}

/** The fields of a line, flattened and cleaned. `error` becomes the ECS error fields. */
export function plainLine(fields: object, redact: Redact): PlainLine {
  const line: PlainLine = {};
  for (const [key, value] of Object.entries(fields)) {
    const entries = key === 'error' && value !== undefined ? Object.entries(describeError(value)) : [[key, value]];
    for (const [name, item] of entries) {
      const nested = typeof item === 'object' && !Array.isArray(item);
      const own = OWN_KEY.test(nested ? `${name}.` : name);
      addField(line, own ? name : `chatbot.${name}`, item, { redact, depth: 0 });
    }
  }
  return line;
}
