// Checks a card as Feishu does, for schema 1 and 2.0.
import { asRecord, asText } from '../common/json-body.ts';
import { FeishuApiError } from './errors.ts';
import { textsIn } from './texts-in.ts';

const maxTables = 5;
const maxElements = 200;
const tags2 = new Set(['markdown', 'div', 'hr', 'img', 'table', 'button', 'column_set', 'column', 'collapsible_panel']);

/**
 * Returns the readable text.
 * @throws FeishuApiError with the reason as `ErrCode` in its message
 */
export function checkCard(card: Record<string, unknown>): string {
  if (card.type === 'template') return '(card from a template)';
  const is2 = card.schema === '2.0';
  const elements = is2 ? asRecord(card.body).elements : card.elements;
  if (!Array.isArray(elements) || (is2 && 'elements' in card)) throw cardError('200621', 'parse card json err');
  const all = elementsIn(elements);
  if (is2 && all.some(({ tag }) => !tags2.has(asText(tag))))
    throw cardError('200861', 'cards of schema V2 no longer support this capability');
  if (all.length > maxElements) throw cardError('300305', 'element exceeds the limit');
  const markdown = all.filter(({ tag }) => tag === 'markdown').map(({ content }) => withoutCode(asText(content)));
  if (markdown.some((text) => /!\[[^\]]*\]\((?!img_)/.test(text))) throw cardError('200570', 'image key is invalid');
  const drawn = markdown.reduce((sum, text) => sum + countTables(text), 0);
  const tables = all.filter(({ tag }) => tag === 'table').length + drawn;
  if (tables > maxTables) throw cardError('11310', 'card table number over limit');
  return textsIn([card.header, elements]).join('\n');
}

function cardError(code: string, reason: string): FeishuApiError {
  return new FeishuApiError(230099, `ext=ErrCode: ${code}; ErrMsg: ${reason}`);
}

/** Returns the elements at any depth: objects in a list that have a tag. */
function elementsIn(value: unknown): Record<string, unknown>[] {
  if (Array.isArray(value))
    return value.flatMap((item) => [asRecord(item), ...elementsIn(item)]).filter(({ tag }) => tag);
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(asRecord(value)).flatMap(elementsIn);
}

function withoutCode(markdown: string): string {
  return markdown.replaceAll(/^[ \t>]*(```+|~~~+)[\s\S]*?^[ \t>]*\1/gm, '');
}

/** Counts tables. A table is a block with a row of dashes below a row of names. Later rows of dashes are cells. */
function countTables(markdown: string): number {
  const isRuler = (line = '') => line.includes('-') && /^[\s|:-]+$/.test(line);
  return markdown.split(/\n[ \t]*\n/).filter((block) => {
    const lines = block.split('\n');
    return lines.some((line, index) => line.includes('|') && isRuler(lines[index + 1]));
  }).length;
}
