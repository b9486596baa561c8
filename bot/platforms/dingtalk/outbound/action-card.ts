// Finds the list of links at the end of an answer, which becomes the buttons of an action card.
import { isBlank } from '../../shared/text.ts';

/** `url` is http or https; `title` has at most 40 characters. */
export interface Button {
  title: string;
  url: string;
}

export type Buttons = readonly [Button, ...Button[]];

/**
 * The API has templates for one to five buttons in a column (https://github.com/fuxun2008/dingtalk-docs,
 * `zh/open/development/robot-message-type.mdx`, read 2026-11).
 */
export const MAX_BUTTONS = 5;
export const MAX_TITLE_CHARACTERS = 40;

const MARKER = '(?:[-*+]|\\d{1,9}[.)])';
/** An unindented list item with nothing but one link. The URL may contain pairs of brackets. */
const LINK_ITEM = new RegExp(`^${MARKER} +\\[([^[\\]]+)\\]\\((https?://(?:[^\\s()<>]|\\([^\\s()<>]*\\))+)\\) *$`, 'i');
/** A line of a list that is not a link item: another item or its continuation. */
const LIST_LINE = new RegExp(`^(?:\\s|${MARKER}\\s)`);

/** Returns the text before the list, and the links. Returns undefined unless the text ends with one to five links. */
export function findCard(markdown: string): { text: string; buttons: Buttons } | undefined {
  if (!markdown.endsWith(')')) return undefined;
  const lines = markdown.split('\n');
  const last = lines.findLastIndex((line) => line.trim() !== '' && buttonOf(line) === undefined);
  const [first, ...others] = lines.slice(last + 1).flatMap((line) => buttonOf(line) ?? []);
  if (first === undefined || others.length >= MAX_BUTTONS) return undefined;
  const text = lines.slice(0, last + 1).join('\n');
  if (isBlank(text) || LIST_LINE.test(lines[last] ?? '')) return undefined;
  return { text: text.trimEnd(), buttons: [first, ...others] };
}

function buttonOf(line: string): Button | undefined {
  const [, label = '', url = ''] = LINK_ITEM.exec(line) ?? [];
  const title = label.replaceAll(/\*\*|`/g, '').trim();
  return isBlank(title) ? undefined : { title: cut(title), url };
}

function cut(title: string): string {
  const characters = [...title];
  return characters.length > MAX_TITLE_CHARACTERS
    ? `${characters.slice(0, MAX_TITLE_CHARACTERS - 1).join('')}…`
    : title;
}
