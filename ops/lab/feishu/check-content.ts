// Checks the content of a message as Feishu does, and reads the text in it.
import { asRecord, asText, parseRecord } from '../common/json-body.ts';
import { checkCard } from './check-card.ts';
import { FeishuApiError } from './errors.ts';
import { textsIn } from './texts-in.ts';

const kilobyte = 1024;

/**
 * Checks `msg_type` and `content` of a request and returns the readable text.
 * @throws FeishuApiError with the platform's code
 */
export function checkContent(body: Record<string, unknown>): string {
  const rule = typeof body.msg_type === 'string' ? contentRules.get(body.msg_type) : undefined;
  const fields = typeof body.content === 'string' ? parseRecord(body.content) : undefined;
  if (fields === undefined) throw new FeishuApiError(230001, 'content is not a string in json format');
  if (rule === undefined) throw new FeishuApiError(230001, 'invalid msg_type');
  // The limits apply to the complete request, in which the quotation marks of the content are escaped a second time.
  if (Buffer.byteLength(JSON.stringify(body)) > rule.maxBytes) throw new FeishuApiError(230025);
  return rule.check(fields);
}

interface ContentRule {
  maxBytes: number;
  check(fields: Record<string, unknown>): string;
}

const contentRules: ReadonlyMap<string, ContentRule> = new Map<string, ContentRule>([
  ['text', { maxBytes: 150 * kilobyte, check: checkText }],
  ['post', { maxBytes: 30 * kilobyte, check: checkPost }],
  ['interactive', { maxBytes: 30 * kilobyte, check: checkCard }],
]);

const postTags = new Set(['text', 'a', 'at', 'img', 'media', 'emotion', 'code_block', 'hr', 'md']);

function checkText(fields: Record<string, unknown>): string {
  const text = asText(fields.text);
  if (text.trim() === '') throw new FeishuApiError(230001, 'text content is empty');
  return text;
}

function checkPost(fields: Record<string, unknown>): string {
  const locale = Object.keys(fields).find((key) => /^[a-z]{2}_[a-z]{2}$/.test(key));
  const post = locale === undefined ? {} : asRecord(fields[locale]);
  if (!Array.isArray(post.content)) throw new FeishuApiError(230001, 'post needs a locale with title and content');
  for (const paragraph of post.content) checkParagraph(paragraph);
  const text = [asText(post.title), ...textsIn(post.content)].filter((part) => part !== '').join('\n');
  if (text.trim() === '') throw new FeishuApiError(230001, 'post content is empty');
  return text;
}

function checkParagraph(paragraph: unknown): void {
  const tags = Array.isArray(paragraph) ? paragraph.map((element) => asText(asRecord(element).tag)) : [''];
  if (tags.some((tag) => !postTags.has(tag))) throw new FeishuApiError(230001, 'unknown tag in post');
  if (tags.includes('md') && tags.length > 1) throw new FeishuApiError(230001, 'md must be alone in its paragraph');
}
