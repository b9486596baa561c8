// Classifies DingTalk's error codes for a push.
import type { PushErrorClass } from '../../../domain/delivery.ts';
import { type CodeMeaning, codeNames, codeNumbers, messagePatterns } from './code-table.ts';

/** Returns the meaning of a code, or undefined if no source describes it. A code of digits is one of the old API. */
export function explainDingtalk(code: string | number, message: string): CodeMeaning | undefined {
  if (typeof code === 'string' && !/^-?\d+$/.test(code)) return firstMatch(codeNames, code);
  const number = Number(code);
  return firstMatch(messagePatterns[number] ?? [], message) ?? codeNumbers[number];
}

/** Classifies a response. `message` is the platform's text, or the start of the body if there is no `code`. */
export function classifyDingtalk(code: string | number | undefined, message: string, status: number): PushErrorClass {
  const known = code === undefined ? undefined : explainDingtalk(code, message);
  if (known) return known.class;
  if (status === 429) return 'rate_limited';
  if (status >= 500) return 'platform_error';
  return code === undefined ? classifyForeign(message, status) : 'unknown';
}

/**
 * Classifies a response from the rate protection or a gateway in front of the API: a page, `{"punish":"deny"}`, or
 * another rejection. JSON with a status of success may be a new response format of the API. Rate protection:
 * https://github.com/fuxun2008/dingtalk-docs, `zh/open/development/api-throttling.mdx` (read 2026-11).
 */
function classifyForeign(body: string, status: number): PushErrorClass {
  if (body.includes('"punish"')) return 'rate_limited';
  return body.startsWith('{') && status < 400 ? 'unknown' : 'platform_error';
}

function firstMatch(table: readonly (readonly [RegExp, CodeMeaning])[], text: string): CodeMeaning | undefined {
  return table.find(([pattern]) => pattern.test(text))?.[1];
}
