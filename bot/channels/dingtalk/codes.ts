// What DingTalk's answer codes mean for a push: words in the new API, numbers in the old one.
import type { PushErrorClass } from '../../telemetry/names.ts';

/** New API: the first pattern that fits the `code` word decides. */
const words: readonly (readonly [RegExp, PushErrorClass])[] = [
  [/^(InvalidAuthentication|token\.(invalid|notExisted))/i, 'token_expired'],
  [/^(invalidClientIdOrSecret|invalid\.client|unauthorized\.client)/i, 'credentials'],
  [/IpNotInWhiteList|^ip\.not\.match/i, 'ip_denied'],
  [/ApiCountLimit/i, 'quota'],
  [/QpsLimit|too\.?fast|^too\.many/i, 'rate_limited'],
  [/^Forbidden\.AccessDenied|^auth\.error|^unauthorized$/i, 'permission'],
  [/^session\./i, 'session_expired'],
  [/^contain\.|^keywords\./i, 'content_rejected'],
  [/^sign\.not\.match/i, 'signature'],
  [/tooLong|overMax/i, 'too_large'],
  [/staffId|openConversationId|disbanded|org\.notMatch|stopped|forbidden|robot\.oto|notAllow/i, 'target_gone'],
  [/^(invalidParameter|miss\.|invalid\.)/i, 'bad_request'],
  [/^(system\.error|resource\.unavailable|ServiceUnavailable)/i, 'platform_error'],
];

/** Old API and webhooks. 310000 has four meanings, told apart by its text alone. */
const numbers: Readonly<Record<number, PushErrorClass>> = {
  [-1]: 'platform_error',
  33001: 'credentials',
  40013: 'credentials',
  40014: 'token_expired',
  42001: 'token_expired',
  40035: 'bad_request',
  43002: 'bad_request',
  43004: 'bad_request',
  43005: 'bad_request',
  60011: 'permission',
  60020: 'ip_denied',
  50002: 'permission',
  90002: 'rate_limited',
  90018: 'rate_limited',
  90020: 'quota',
  130101: 'rate_limited',
  300001: 'session_expired',
  300005: 'credentials',
  302033: 'rate_limited',
  400013: 'target_gone',
  400101: 'credentials',
  400102: 'target_gone',
  400105: 'bad_request',
  400106: 'target_gone',
  410100: 'rate_limited',
  430101: 'content_rejected',
  430102: 'content_rejected',
  430103: 'content_rejected',
  430104: 'content_rejected',
  460101: 'too_large',
};

const texts310000: readonly (readonly [RegExp, PushErrorClass])[] = [
  [/keyword|关键词/i, 'content_rejected'],
  [/whitelist|白名单/i, 'ip_denied'],
  [/sign|timestamp|签名|时间戳/i, 'signature'],
];

/** `message` is the platform's text, or the start of the body where there is no `code`. */
export function classifyDingtalk(code: string | number | undefined, message: string, status: number): PushErrorClass {
  const known = code === undefined ? undefined : ofCode(code, message);
  if (known) return known;
  if (status === 429) return 'rate_limited';
  if (status >= 500) return 'platform_error';
  return code === undefined ? ofForeign(message) : 'unknown';
}

/** It was not the API that answered, but the protection or a gateway before it: a page, or `{"punish":"deny"}`. */
function ofForeign(body: string): PushErrorClass {
  if (body.includes('"punish"')) return 'rate_limited';
  return body.startsWith('{') ? 'unknown' : 'platform_error';
}

function ofCode(code: string | number, message: string): PushErrorClass | undefined {
  return typeof code === 'number' ? ofNumber(code, message) : firstMatch(words, code);
}

function ofNumber(code: number, message: string): PushErrorClass | undefined {
  return code === 310000 ? firstMatch(texts310000, message) : numbers[code];
}

function firstMatch(table: readonly (readonly [RegExp, PushErrorClass])[], text: string): PushErrorClass | undefined {
  return table.find(([pattern]) => pattern.test(text))?.[1];
}
