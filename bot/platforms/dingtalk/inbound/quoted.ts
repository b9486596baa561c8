// Text of the message that a DingTalk message replies to. The fields are not documented; the shapes are those that
// other projects recorded: https://github.com/QwenLM/qwen-code/issues/9536,
// https://github.com/soimy/openclaw-channel-dingtalk/pull/128, https://github.com/chenhg5/cc-connect/pull/1121.
import { z } from 'zod';
import { parseJson } from '../../../runtime/json.ts';
import { MAX_ITEMS } from '../../shared/optional.ts';
import { QUOTE_MAX_CHARACTERS, quoteOf } from '../../shared/quote.ts';
import { richTextItems, textOfItem } from './rich-text.ts';
import type { RobotMessage } from './robot-message.ts';

const record = z.record(z.string(), z.unknown());
type Fields = z.infer<typeof record>;

/** A callback has at most 1 MB, which can be nested deeper than the stack. */
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

/** Undefined when the message is no reply. What DingTalk leaves out is named, so that the model can ask for it. */
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
  return quoteOf(wordsOf(quoted, 0)) ?? kindOf(fieldsOf(quoted));
}

function kindOf({ msgType, msgtype, type }: Fields): string {
  const kind = [msgType, msgtype, type].find((name) => typeof name === 'string');
  return kinds.get(String(kind)) ?? '[content not available]';
}

/** Objects come as such or as JSON in a string. */
function fieldsOf(value: unknown): Fields {
  return record.safeParse(typeof value === 'string' ? parseJson(value) : value).data ?? {};
}

/** Members that hold a message's words, the telling ones first. */
const WORDS = ['richText', 'recognition', 'text', 'markdown', 'cardContent', 'cardData', 'cardParamMap', 'content'];
const OTHER_WORDS = ['title', 'value', 'desc'];
/** A string in one of these is what a person wrote or said, also where it is JSON. */
const LITERAL = new Set(['recognition', 'text', 'markdown', 'title']);

function wordsOf(value: unknown, depth: number): string {
  if (depth > MAX_DEPTH || value === undefined || value === null) return '';
  if (typeof value === 'string') return wordsOfString(value, depth);
  if (Array.isArray(value)) return wordsOfList(value, depth);
  if (typeof value !== 'object') return '';
  const fields = fieldsOf(value);
  const named = [...WORDS, ...OTHER_WORDS].map((name) => () => {
    const member = fields[name];
    return typeof member === 'string' && LITERAL.has(name) ? member : wordsOf(member, depth + 1);
  });
  const own = firstOf(named);
  const { children, fileName } = fields;
  if (children !== undefined) return [own, wordsOf(children, depth + 1)].filter((words) => words !== '').join('\n');
  return own === '' && typeof fileName === 'string' && fileName !== '' ? `[file: ${fileName}]` : own;
}

function firstOf(readers: readonly (() => string)[]): string {
  for (const read of readers) {
    const words = read();
    if (words.trim() !== '') return words;
  }
  return '';
}

function wordsOfString(text: string, depth: number): string {
  const isContainer = /^\s*[{[]/.test(text);
  const json = isContainer ? parseJson(text) : undefined;
  return typeof json === 'object' && json !== null ? wordsOf(json, depth + 1) || text : text;
}

/** Items of a rich text, or elements of a card. */
function wordsOfList(all: readonly unknown[], depth: number): string {
  const values = all.slice(0, MAX_ITEMS);
  const isTree = values.some((value) => ['children', 'elementType', 'value'].some((name) => name in fieldsOf(value)));
  if (!isTree) return richTextItems.parse(values).map(textOfItem).join('');
  let words = '';
  for (const value of values) {
    if (words.length > QUOTE_MAX_CHARACTERS) break;
    const found = wordsOf(value, depth + 1);
    if (found !== '') words += `${words === '' ? '' : '\n'}${found}`;
  }
  return words;
}
