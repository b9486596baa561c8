// Finds the links that end an answer: they become the buttons of an action card.
import { isBlank } from '../../shared/text.ts';

/** `url` is http or https; `title` has at most 40 characters. */
export interface Button {
  title: string;
  url: string;
}

export type Buttons = readonly [Button, ...Button[]];

/** The API has templates for one to five buttons that stand below each other. */
const MAX_BUTTONS = 5;
const MAX_TITLE_CHARACTERS = 40;

const MARKER = '(?:[-*+]|\\d{1,9}[.)])';
/** An item at the margin that is one link and nothing else; the address may hold brackets in pairs. */
const LINK_ITEM = new RegExp(`^${MARKER} +\\[([^[\\]]+)\\]\\((https?://(?:[^\\s()<>]|\\([^\\s()<>]*\\))+)\\) *$`, 'i');
/** Another item, or what hangs on one: the list holds more than links. */
const OF_A_LIST = new RegExp(`^(?:\\s|${MARKER}\\s)`);

/** The text before the list, and its links; undefined unless the very end is a list of one to five links. */
export function findCard(markdown: string): { text: string; buttons: Buttons } | undefined {
  if (!markdown.endsWith(')')) return undefined;
  const lines = markdown.split('\n');
  const last = lines.findLastIndex((line) => line.trim() !== '' && buttonOf(line) === undefined);
  const [first, ...others] = lines.slice(last + 1).flatMap((line) => buttonOf(line) ?? []);
  if (first === undefined || others.length >= MAX_BUTTONS) return undefined;
  const text = lines.slice(0, last + 1).join('\n');
  if (isBlank(text) || OF_A_LIST.test(lines[last] ?? '')) return undefined;
  return { text: text.trimEnd(), buttons: [first, ...others] };
}

function buttonOf(line: string): Button | undefined {
  const [, words = '', url = ''] = LINK_ITEM.exec(line) ?? [];
  const title = words.replaceAll(/\*\*|`/g, '').trim();
  return isBlank(title) ? undefined : { title: cut(title), url };
}

function cut(title: string): string {
  const signs = [...title];
  return signs.length > MAX_TITLE_CHARACTERS ? `${signs.slice(0, MAX_TITLE_CHARACTERS - 1).join('')}…` : title;
}
