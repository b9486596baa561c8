// Table of DingTalk's error codes with their class for a push and a hint for the operator.
// The new API has names as codes, the old one numbers.
import type { PushErrorClass } from '../../../domain/delivery.ts';

/**
 * Source of a code: `official` pages of the platform, an `old` copy of its list, `community` reports only, or none
 * (`guess`).
 */
export type CodeSource = 'official' | 'old' | 'community' | 'guess';

export interface CodeMeaning {
  class: PushErrorClass;
  source: CodeSource;
  /** One sentence for the operator. */
  hint: string;
}

function of(name: PushErrorClass, hint: string, source: CodeSource = 'official'): CodeMeaning {
  return { class: name, hint, source };
}

const WAIT = 'Wait: the bot retries by itself.';
const SLOW_DOWN = 'Too many calls at once: the bot waits and retries.';
const PERMISSION = 'Grant the permission qyapi_robot_sendmsg to the app, then publish a version.';
const CREDENTIALS = 'Copy Client ID and Client Secret again from the developer console.';
const DISABLED = 'Enable the app in the developer console and publish a version.';
const EVENT_KEYS =
  'Copy aes_key and token of the event subscription again; the owner key is the AppKey, not the corpId.';
const REPORT = 'The bot built a message that the platform does not accept: please report it with the log line.';
const WORDING = 'The platform classifies the text, a link or a picture as improper.';
const WEBHOOK_GONE = 'Copy the webhook of the group robot again: the robot was removed or the address is mistyped.';
const ENABLE = 'Enable the robot again in the group or in the console.';
const SESSION = 'The reply address has expired; the bot answers by the API.';
const NOT_REACHED = 'Publish the robot and widen the range of people who may see the app.';
const GROUP_GONE = 'The group was dissolved, or the robot is not in it: add the robot to the group.';
const ROBOT_CODE = 'Set DINGTALK_ROBOT_CODE to the robotCode that the console shows for this app.';
const KEYWORD = 'Give the group robot the keyword "Chatbot alert", or let it check the signature instead.';
const EGRESS =
  "Add the server's outgoing IPv4 address (see the platform's message in the log) to the allow list in the console.";
const QUOTA = 'The monthly quota of the organisation is used up: buy more calls.';

/** Codes of the new API. The first pattern that matches the code decides. */
export const codeNames: readonly (readonly [RegExp, CodeMeaning])[] = [
  [/^(InvalidAuthentication|token\.(invalid|notExisted))/i, of('token_expired', 'The bot fetches a new token itself.')],
  [/^(invalidClientIdOrSecret|invalid\.client)/i, of('credentials', CREDENTIALS)],
  [/^unauthorized\.client/i, of('credentials', DISABLED, 'guess')],
  [/IpNotInWhiteList|^ip\.not\.match/i, of('ip_denied', EGRESS)],
  [/ApiCountLimit/i, of('quota', QUOTA)],
  [/QpsLimit|too\.?fast|^too\.many/i, of('rate_limited', SLOW_DOWN)],
  [/^Forbidden\.AccessDenied|^auth\.error|^unauthorized$/i, of('permission', PERMISSION)],
  [/^session\./i, of('session_expired', SESSION)],
  [/^keywords\./i, of('content_rejected', KEYWORD)],
  [/^contain\./i, of('content_rejected', WORDING)],
  [/^sign\.not\.match/i, of('signature', 'Copy the secret of the group robot again; it begins with SEC.')],
  [/tooLong|overMax/i, of('too_large', REPORT)],
  [/^invalidParameter\.robotCode/i, of('bad_request', ROBOT_CODE)],
  [/staffId|robot\.oto|notAllow/i, of('target_gone', NOT_REACHED)],
  [/openConversationId|disbanded|org\.notMatch/i, of('target_gone', GROUP_GONE)],
  [/stopped|forbidden/i, of('target_gone', ENABLE)],
  [/^(invalidParameter|miss\.|invalid\.)/i, of('bad_request', REPORT)],
  [/^(system\.error|resource\.unavailable|ServiceUnavailable)/i, of('platform_error', WAIT)],
];

/** Codes of the old API, of webhooks, and of the event subscription in the console. */
export const codeNumbers: Readonly<Record<number, CodeMeaning>> = {
  [-1]: of('platform_error', WAIT),
  88: of('permission', 'Authorisation failed; the sub_code of the response contains the reason.'),
  33001: of('credentials', CREDENTIALS, 'old'),
  40013: of('credentials', CREDENTIALS, 'old'),
  40014: of('token_expired', 'The bot fetches a new token itself.', 'old'),
  40035: of('bad_request', REPORT),
  40089: of('credentials', CREDENTIALS, 'old'),
  42001: of('token_expired', 'The bot fetches a new token itself.', 'old'),
  43002: of('bad_request', REPORT),
  43004: of('bad_request', REPORT),
  43005: of('bad_request', REPORT, 'old'),
  50002: of('permission', NOT_REACHED, 'old'),
  60011: of('permission', PERMISSION),
  60020: of('ip_denied', EGRESS, 'old'),
  71009: of('bad_request', EVENT_KEYS, 'old'),
  90002: of('rate_limited', SLOW_DOWN),
  90018: of('rate_limited', SLOW_DOWN),
  90020: of('quota', QUOTA),
  130101: of('rate_limited', 'Over 20 messages a minute: the robot is blocked for 10 minutes.'),
  300001: of('session_expired', SESSION, 'community'),
  300005: of('credentials', WEBHOOK_GONE, 'community'),
  302033: of('rate_limited', SLOW_DOWN, 'guess'),
  400013: of('target_gone', GROUP_GONE),
  400101: of('credentials', WEBHOOK_GONE),
  400102: of('target_gone', ENABLE),
  400105: of('bad_request', REPORT),
  400106: of('target_gone', WEBHOOK_GONE),
  410100: of('rate_limited', 'Over 20 messages a minute: the robot is blocked for 10 minutes.'),
  430101: of('content_rejected', WORDING),
  430102: of('content_rejected', WORDING),
  430103: of('content_rejected', WORDING),
  430104: of('content_rejected', WORDING),
  460101: of('too_large', REPORT, 'community'),
  900004: of('credentials', EVENT_KEYS),
  900005: of('signature', EVENT_KEYS),
  900006: of('signature', EVENT_KEYS),
  900007: of('credentials', EVENT_KEYS),
  900008: of('credentials', EVENT_KEYS),
  900009: of('credentials', EVENT_KEYS),
  900010: of('credentials', EVENT_KEYS),
};

/** Codes whose meaning depends on the message, with patterns for the older English and the newer Chinese messages. */
export const messagePatterns: Readonly<Record<number, readonly (readonly [RegExp, CodeMeaning])[]>> = {
  310000: [
    [/keyword|关键词/i, of('content_rejected', KEYWORD)],
    [/whitelist|白名单/i, of('ip_denied', EGRESS)],
    [/timestamp|时间戳|过期/i, of('signature', "Correct the server's clock (NTP): it is more than an hour off.")],
    [/sign|签名/i, of('signature', 'Copy the secret of the group robot again; it begins with SEC.')],
  ],
  300001: [
    [/token/i, of('credentials', WEBHOOK_GONE, 'community')],
    [/null|为空/i, of('bad_request', REPORT, 'community')],
  ],
};
