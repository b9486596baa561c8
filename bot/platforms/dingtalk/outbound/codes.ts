// Finds what an answer of DingTalk means for a push.
import type { PushErrorClass } from '../../../domain/delivery.ts';
import { isRetryable } from '../../shared/platform-call.ts';
import { type CodeMeaning, numbers, texts, words } from './code-table.ts';

export interface Explanation extends CodeMeaning {
  /** Whether a later attempt can succeed. */
  retryable: boolean;
}

/** What a code means, or undefined when no source knows it; digits are taken for a number of the old API. */
export function explainDingtalk(code: string | number, message: string): Explanation | undefined {
  const meaning = meaningOf(code, message);
  return meaning && { ...meaning, retryable: isRetryable(meaning.class) };
}

/** `message` is the platform's text, or the start of the body where there is no `code`. */
export function classifyDingtalk(code: string | number | undefined, message: string, status: number): PushErrorClass {
  const known = code === undefined ? undefined : meaningOf(code, message);
  if (known) return known.class;
  if (status === 429) return 'rate_limited';
  if (status >= 500) return 'platform_error';
  return code === undefined ? ofForeign(message, status) : 'unknown';
}

/**
 * It was not the API that answered, but the protection or a gateway before it: a page, `{"punish":"deny"}`, or another
 * refusal. JSON with a status of success may be a new answer of the API.
 */
function ofForeign(body: string, status: number): PushErrorClass {
  if (body.includes('"punish"')) return 'rate_limited';
  return body.startsWith('{') && status < 400 ? 'unknown' : 'platform_error';
}

function meaningOf(code: string | number, message: string): CodeMeaning | undefined {
  if (typeof code === 'string' && !/^-?\d+$/.test(code)) return firstMatch(words, code);
  const number = Number(code);
  return firstMatch(texts[number] ?? [], message) ?? numbers[number];
}

function firstMatch(table: readonly (readonly [RegExp, CodeMeaning])[], text: string): CodeMeaning | undefined {
  return table.find(([pattern]) => pattern.test(text))?.[1];
}
