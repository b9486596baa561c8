// The one way out for text: everything the doctor prints or writes passes here first.
import { createHmac, randomBytes } from 'node:crypto';
import { printable } from '../../bot/telemetry/printable.ts';
import { createRedactor as createLogRedactor } from '../../bot/telemetry/redact.ts';
import { QUOTE_LIMIT } from './report.ts';

export interface Redactor {
  text(value: string): string;
  /** A copy with every string redacted, and quotes cut to their limit after that, so that no secret is cut in half. */
  deep<T>(value: T): T;
  counts(): { rule: string; count: number }[];
}

const TEXT_LIMIT = 600;
const LEAST_SECRET_LENGTH = 6;

/** What is personal rather than secret: the log leaves it to whoever writes a line, a report may travel. */
const PERSONAL: readonly (readonly [rule: string, pattern: RegExp])[] = [
  ['e-mail', /\b[\w.+-]+@[\w-]+\.[\w.-]+\b/g],
  ['phone', /(?<!\d)1[3-9]\d{9}(?!\d)/g],
];

/** One list of secret shapes for log and report. */
const hideShapes = createLogRedactor([]);

/** Known secrets become `secret#` and four digits: equal within one report, useless outside it. */
export function createRedactor({ secrets, salt = randomBytes(16) }: { secrets: string[]; salt?: Buffer }): Redactor {
  const counts = new Map<string, number>();
  const known = [...new Set(secrets)].filter((secret) => secret.length >= LEAST_SECRET_LENGTH);
  known.sort((a, b) => b.length - a.length);
  const count = (rule: string) => counts.set(rule, (counts.get(rule) ?? 0) + 1);
  const fingerprint = (secret: string) =>
    `secret#${createHmac('sha256', salt).update(secret).digest('hex').slice(0, 4)}`;

  function hideKnown(value: string): string {
    let result = value;
    for (const secret of known) {
      if (!result.includes(secret)) continue;
      count('known-secret');
      result = result.replaceAll(secret, fingerprint(secret));
    }
    return result;
  }

  function text(value: string): string {
    let result = hideKnown(value);
    const hide = (rule: string, hidden: string) => {
      if (hidden !== result) count(rule);
      result = hidden;
    };
    hide('secret-shape', hideShapes(result));
    for (const [rule, pattern] of PERSONAL) hide(rule, result.replace(pattern, `[${rule}]`));
    // Collected text may hold what steers a terminal.
    return limit(printable(result), TEXT_LIMIT);
  }

  function deep<T>(value: T): T {
    return walk(value, '') as T; // walk keeps the shape
  }

  function walk(value: unknown, key: string): unknown {
    if (typeof value === 'string') return key === 'quote' ? limit(text(value), QUOTE_LIMIT) : text(value);
    if (Array.isArray(value)) return value.map((entry) => walk(entry, key));
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, walk(inner, name)]));
  }

  return {
    text,
    deep,
    counts: () =>
      [...counts].map(([rule, total]) => ({ rule, count: total })).sort((a, b) => (a.rule < b.rule ? -1 : 1)),
  };
}

function limit(value: string, length: number): string {
  return value.length <= length ? value : `${value.slice(0, length - 1).toWellFormed()}…`;
}
