// What Feishu accepts as the content of a message, and the readable text in it.
import { asRecord, asText, parseRecord } from '../common/json-body.ts';
import { FeishuRefusal } from './errors.ts';

const kilobyte = 1024;
const maxTables = 5;

/** Checks `msg_type` and `content` as the send API does and returns the readable text; throws the platform's refusal. */
export function checkContent(type: unknown, content: unknown): string {
  if (typeof content !== 'string') throw new FeishuRefusal(230001, 'content is not a string in json format');
  const fields = parseRecord(content);
  if (fields === undefined) throw new FeishuRefusal(230001, 'content is not a string in json format');
  const check = typeof type === 'string' ? checks.get(type) : undefined;
  if (check === undefined) throw new FeishuRefusal(230001, 'invalid msg_type');
  return check(fields, Buffer.byteLength(content));
}

type Check = (fields: Record<string, unknown>, bytes: number) => string;

const checks: ReadonlyMap<string, Check> = new Map<string, Check>([
  ['text', checkText],
  ['post', checkPost],
  ['interactive', checkCard],
]);

function checkText(fields: Record<string, unknown>, bytes: number): string {
  if (bytes > 150 * kilobyte) throw new FeishuRefusal(230025);
  const text = asText(fields.text);
  if (text.trim() === '') throw new FeishuRefusal(230001, 'text content is empty');
  return text;
}

function checkPost(fields: Record<string, unknown>, bytes: number): string {
  if (bytes > 30 * kilobyte) throw new FeishuRefusal(230025);
  const locale = Object.keys(fields).find((key) => /^[a-z]{2}_[a-z]{2}$/.test(key));
  const post = locale === undefined ? {} : asRecord(fields[locale]);
  if (!Array.isArray(post.content)) throw new FeishuRefusal(230001, 'post needs a locale with title and content');
  const text = [asText(post.title), ...textsIn(post.content)].filter((part) => part !== '').join('\n');
  if (text === '') throw new FeishuRefusal(230001, 'post content is empty');
  return text;
}

function checkCard(fields: Record<string, unknown>, bytes: number): string {
  if (bytes > 30 * kilobyte) throw new FeishuRefusal(230025);
  const { elements = asRecord(fields.body).elements } = fields;
  if (fields.type === 'template') return '(card from a template)';
  if (!Array.isArray(elements)) throw cardRefusal('200621', 'parse card json err');
  if (countTables(elements) > maxTables) throw cardRefusal('11310', 'card table number over limit');
  return textsIn([fields.header, elements]).join('\n');
}

function cardRefusal(code: string, reason: string): FeishuRefusal {
  return new FeishuRefusal(230099, `ext=ErrCode: ${code}; ErrMsg: ${reason}`);
}

function countTables(value: unknown): number {
  if (Array.isArray(value)) return value.reduce<number>((sum, item) => sum + countTables(item), 0);
  if (typeof value !== 'object' || value === null) return 0;
  const fields = asRecord(value);
  return (fields.tag === 'table' ? 1 : 0) + countTables(Object.values(fields));
}

// Readable text sits in members named `text` or `content`, at any depth.
function textsIn(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(textsIn);
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(asRecord(value)).flatMap(([key, member]) => {
    if (typeof member === 'string') return ['text', 'content'].includes(key) && member !== '' ? [member] : [];
    return textsIn(member);
  });
}
