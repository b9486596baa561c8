// Formats one log line for people: time, level, message and the fields that matter.

import { styleText } from 'node:util';
import { printable } from '../../bot/telemetry/printable.ts';

/** Fields that are on every line or shown elsewhere, and therefore left out. */
const NOISE = /^(ecs|service|process|host|agent|log)\.|^event\.(id|dataset|module|kind)$|^error\.stack_trace$/;
const LEVEL_COLOURS = { error: 'red', warn: 'yellow', info: 'green', debug: 'gray' } as const;

/**
 * Formats one line. A line that is not ECS JSON (a crash, another program) is returned unchanged, without control
 * characters.
 */
export function formatLine(line: string, { colour }: { colour: boolean }): string {
  const entry = parseEntry(line);
  if (!entry) return printable(line);
  const { '@timestamp': time, 'log.level': level, message, ...rest } = entry;
  const fields = Object.entries(rest)
    .filter(([key]) => !NOISE.test(key))
    .map(([key, value]) => field(key, value))
    .join(' ');
  const levelText = printable(String(level)).toUpperCase().padEnd(5);
  const [shownLevel, shownFields] = colour ? [paintLevel(levelText), paint('gray', fields)] : [levelText, fields];
  return `${localTime(String(time))} ${shownLevel} ${printable(String(message))}  ${shownFields}`.trimEnd();
}

function paintLevel(levelText: string): string {
  const found = Object.entries(LEVEL_COLOURS).find(([level]) => levelText.trim().toLowerCase() === level);
  return found ? paint(found[1], levelText) : levelText;
}

/** Paints the text without checking the stream, because the caller decides about colours. */
function paint(colour: (typeof LEVEL_COLOURS)[keyof typeof LEVEL_COLOURS], text: string): string {
  return styleText(colour, text, { validateStream: false });
}

/** Parses the line to dotted keys. Returns undefined if it is not a log entry. */
function parseEntry(line: string): Record<string, unknown> | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    const flat = flatten(JSON.parse(line));
    return '@timestamp' in flat && 'message' in flat ? flat : undefined;
  } catch {
    return undefined;
  }
}

function flatten(value: object, prefix = ''): Record<string, unknown> {
  const pairs = Object.entries(value).map(([key, inner]): Record<string, unknown> => {
    const nested = typeof inner === 'object' && inner !== null && !Array.isArray(inner);
    return nested ? flatten(inner, `${prefix}${key}.`) : { [prefix + key]: inner };
  });
  return Object.assign({}, ...pairs);
}

function field(key: string, value: unknown): string {
  // ECS counts durations in nanoseconds.
  if (key === 'event.duration' && typeof value === 'number') return `duration=${(value / 1e6).toFixed(1)}ms`;
  const name = key.replace(/^(chatbot|event)\./, '');
  const plain = typeof value === 'string' && /^[^\s"\p{Cc}]+$/u.test(value);
  return `${printable(name)}=${plain ? value : printable(JSON.stringify(value))}`;
}

/** Returns date and time in this machine's time zone, to the millisecond. */
function localTime(text: string): string {
  const time = new Date(text);
  if (Number.isNaN(time.getTime())) return printable(text);
  const local = new Date(time.getTime() - time.getTimezoneOffset() * 60_000);
  return local.toISOString().slice(0, 23).replace('T', ' ');
}
