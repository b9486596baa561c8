// Redacts secrets and personal data in every text before the diagnosis prints or writes it.
import { createHmac, randomBytes } from 'node:crypto';
import { printable } from '../../bot/telemetry/printable.ts';
import { createRedactor as createLogRedactor } from '../../bot/telemetry/redact.ts';
import { QUOTE_LIMIT } from './report.ts';

export interface Redactor {
  /** Returns the redacted text without terminal control characters, cut to 600 characters. */
  text(value: string): string;
  /**
   * Returns a copy with every string redacted. Quotes are cut to their limit after that, so no secret is cut in half.
   */
  deep<T>(value: T): T;
  /** Number of redactions by rule, sorted by rule. */
  counts(): { rule: string; count: number }[];
}

const TEXT_LIMIT = 600;
const MIN_SECRET_LENGTH = 6;

/** Personal data. The log expects its lines to contain none. A report is redacted, because it may be shared. */
const PERSONAL: readonly (readonly [rule: string, pattern: RegExp])[] = [
  ['e-mail', /\b[\w.+-]+@[\w-]+\.[\w.-]+\b/g],
  ['phone', /(?<!\d)1[3-9]\d{9}(?!\d)/g],
];

/** Redacts the same shapes of secrets as the log. */
const hideShapes = createLogRedactor([]);

/**
 * Replaces known secrets by `secret#` and four hexadecimal digits. The salt is random, so a secret has the same digits
 * within a report and others in the next one.
 */
export function createRedactor({ secrets, salt = randomBytes(16) }: { secrets: string[]; salt?: Buffer }): Redactor {
  const counts = new Map<string, number>();
  const known = [...new Set(secrets)].filter((secret) => secret.length >= MIN_SECRET_LENGTH);
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
    // Collected text may contain terminal control characters.
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
