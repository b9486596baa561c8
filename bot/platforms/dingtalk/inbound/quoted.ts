// Reads the text of the message that a DingTalk message replies to. The fields are not documented. The shapes were
// recorded by other projects: https://github.com/QwenLM/qwen-code/issues/9536,
// https://github.com/soimy/openclaw-channel-dingtalk/pull/128, https://github.com/chenhg5/cc-connect/pull/1121 (read
// 2026-11).
import { z } from 'zod';
import { parseJson } from '../../../runtime/json.ts';
import { MAX_ITEMS } from '../../shared/optional.ts';
import { QUOTE_MAX_CHARACTERS, quoteOf } from '../../shared/quote.ts';
import { richTextItems, textOfItem } from './rich-text.ts';
import type { RobotMessage } from './robot-message.ts';

const record = z.record(z.string(), z.unknown());
type Fields = z.infer<typeof record>;

/** Maximum depth of the quoted content. A callback of up to 1 MB can be nested deeper than the call stack allows. */
const MAX_DEPTH = 32;

const kinds: ReadonlyMap<string, string> = new Map([
  ['picture', '[picture]'],
  ['image', '[picture]'],
  ['audio', '[voice message]'],
  ['voice', '[voice message]'],
  ['video', '[video]'],
  ['file', '[file]'],
  ['interactiveCard', '[card]'],
  ['actionCard', '[card]'],
]);

/**
 * Returns the quoted text, or undefined if the message is not a reply. Missing content is replaced by its type, so that
 * the model can ask for it.
 */
export function readQuote(message: RobotMessage): string | undefined {
  const places = [fieldsOf(message.text), fieldsOf(message.content), fieldsOf(message)];
  const quoted = places
    .flatMap(({ repliedMsg, quoteMessage, quotedMsg, quoteContent }) => [
      repliedMsg,
      quoteMessage,
      quotedMsg,
      quoteContent,
    ])
    .find((found) => found !== undefined && found !== null && found !== '');
  const isReply = places.some(({ isReplyMsg }) => isReplyMsg === true || isReplyMsg === 'true');
  if (quoted === undefined) return isReply ? '[content not available]' : undefined;
  return quoteOf(textOf(quoted, 0)) ?? kindOf(fieldsOf(quoted));
}

function kindOf({ msgType, msgtype, type }: Fields): string {
  const kind = [msgType, msgtype, type].find((name) => typeof name === 'string');
  return kinds.get(String(kind)) ?? '[content not available]';
}

/** Returns the members of an object, which may be JSON in a string. */
function fieldsOf(value: unknown): Fields {
  return record.safeParse(typeof value === 'string' ? parseJson(value) : value).data ?? {};
}

/** Members that contain the text of a message, the most specific ones first. */
const TEXT_MEMBERS = [
  'richText',
  'recognition',
  'text',
  'markdown',
  'cardContent',
  'cardData',
  'cardParamMap',
  'content',
];
const OTHER_TEXT_MEMBERS = ['title', 'value', 'desc'];
/** Members whose string is the text of a person, even if it looks like JSON. */
const LITERAL = new Set(['recognition', 'text', 'markdown', 'title']);

function textOf(value: unknown, depth: number): string {
  if (depth > MAX_DEPTH || value === undefined || value === null) return '';
  if (typeof value === 'string') return textOfString(value, depth);
  if (Array.isArray(value)) return textOfList(value, depth);
  if (typeof value !== 'object') return '';
  const fields = fieldsOf(value);
  const named = [...TEXT_MEMBERS, ...OTHER_TEXT_MEMBERS].map((name) => () => {
    const member = fields[name];
    return typeof member === 'string' && LITERAL.has(name) ? member : textOf(member, depth + 1);
  });
  const own = firstOf(named);
  const { children, fileName } = fields;
  if (children !== undefined) return [own, textOf(children, depth + 1)].filter((text) => text !== '').join('\n');
  return own === '' && typeof fileName === 'string' && fileName !== '' ? `[file: ${fileName}]` : own;
}

function firstOf(readers: readonly (() => string)[]): string {
  for (const read of readers) {
    const text = read();
    if (text.trim() !== '') return text;
  }
  return '';
}

function textOfString(text: string, depth: number): string {
  const isContainer = /^\s*[{[]/.test(text);
  const json = isContainer ? parseJson(text) : undefined;
  return typeof json === 'object' && json !== null ? textOf(json, depth + 1) || text : text;
}

/** Returns the text of the items of a rich text or of the elements of a card. */
function textOfList(all: readonly unknown[], depth: number): string {
  const values = all.slice(0, MAX_ITEMS);
  const isTree = values.some((value) => ['children', 'elementType', 'value'].some((name) => name in fieldsOf(value)));
  if (!isTree) return richTextItems.parse(values).map(textOfItem).join('');
  let text = '';
  for (const value of values) {
    if (text.length > QUOTE_MAX_CHARACTERS) break;
    const found = textOf(value, depth + 1);
    if (found !== '') text += `${text === '' ? '' : '\n'}${found}`;
  }
  return text;
}
