// Table of Feishu's error codes with their class for a push and a hint for the operator. Generic codes:
// https://open.feishu.cn/document/server-docs/api-call-guide/generic-error-code (read 2026-11).
import type { PushErrorClass } from '../../../domain/delivery.ts';

/** Source of a meaning: the platform's pages, its SDKs and tools, or reports of other projects. */
export type CodeSource = 'official' | 'sdk' | 'community';

export interface CodeMeaning {
  class: PushErrorClass;
  /** One sentence for the operator. */
  hint: string;
  source: CodeSource;
}

type Row = readonly [codes: readonly number[], name: PushErrorClass, hint: string, source?: CodeSource];

const SECRET = 'Copy App ID and App Secret again from the developer console, and check that the app is enabled.';
const RENEW = 'The token was rejected: the bot fetches a new one and retries once.';
const WAIT = 'Too many messages at once: the bot waits and retries.';
const BROKEN = 'The platform reports an internal error: the bot retries.';
const ADDRESS = 'The receiver id is unknown in this organisation: ask the user to write to the bot again.';
const BOT_ON = 'Enable the bot capability of the app and publish a version.';
const IN_CHAT = 'Add the bot to the group.';
const RANGE = "Widen the app's availability range to this user and publish a version.";
const OUTSIDER = 'Messages to other organisations are not possible for this bot.';
const GROUP_RULES = "The group's settings or its admin do not allow the bot to send messages.";
const GONE = 'The message to reply to no longer exists: the answer goes to the chat instead.';
const THREAD = 'This chat does not support threads: the answer goes to the chat instead.';
const DISSOLVED = 'The group was dissolved: nothing can be sent there.';
const AUDIT = 'A content audit rejected the text: check the answer of the model.';
const LEFT = 'The user has left the organisation.';
const CARD = 'The card was rejected: the answer is sent as a post or as text.';
const OUR_FAULT = 'The request was wrong: please report it with the log id.';
const UPLOAD = 'The image or file does not belong to this app: only keys of its own uploads work.';
const KEYED = 'Feishu allows no bots in encrypted chats.';

export const rows: readonly Row[] = [
  // Gateway, tokens, permission
  [[99991400], 'rate_limited', WAIT],
  [[99991401], 'ip_denied', "Add the server's outgoing IPv4 address to the app's IP allowlist."],
  [[99991403], 'quota', 'The monthly quota of API calls is used up: wait for the next month or upgrade.', 'community'],
  [[99991201, 99991301], 'bad_request', 'The path is unknown: check FEISHU_BASE_URL.'],
  [[10003, 10005, 10012, 10013, 10015, 99991543], 'credentials', SECRET],
  [[10014], 'credentials', SECRET, 'community'],
  [[99991662], 'credentials', 'An admin disabled the app: have it enabled.'],
  [[99991673], 'credentials', 'The app is not installed in this organisation: have it installed.'],
  [[4001, 20005, 99991661, 99991663, 99991664, 99991665, 99991668, 99991677], 'token_expired', RENEW],
  [[99991671], 'token_expired', RENEW],
  [
    [99991672],
    'permission',
    "Grant the scope that the platform's message in the log names, publish a version and have it approved.",
  ],
  [[99991676], 'permission', 'Grant the app the scope for this call and publish a version.'],
  [[99991679], 'permission', 'A user must grant the missing scope again.', 'sdk'],
  [[99991674, 99991675], 'bad_request', OUR_FAULT],
  [[99992351, 99992352, 99992353, 99992354, 99992355, 99992356, 99992359, 99992360], 'target_gone', ADDRESS],
  [[99992363], 'target_gone', ADDRESS],
  [[99992361], 'target_gone', 'The id is of another app: open_ids are valid in one app only.'],
  [[99992364, 99992381], 'target_gone', 'The id is of another organisation.'],
  [[99992402], 'bad_request', OUR_FAULT],
  [[1500, 2200, 5000], 'platform_error', BROKEN],
  // Messages: https://open.feishu.cn/document/uAjLw4CM/ukTMukTMukTM/reference/im-v1/message/create (read 2026-11)
  [[230001, 230054, 230055], 'bad_request', OUR_FAULT],
  [[230002, 232011], 'target_gone', IN_CHAT],
  [[230006], 'permission', BOT_ON],
  [[230011, 230110, 231003], 'target_gone', GONE],
  [[230111], 'target_gone', 'The message was deleted automatically.'],
  [[230013], 'target_gone', RANGE],
  [[230015, 230038], 'target_gone', OUTSIDER],
  [[230017], 'bad_request', UPLOAD],
  [[230018, 230035], 'target_gone', GROUP_RULES],
  [[230019], 'target_gone', THREAD],
  [[230071, 230072], 'bad_request', THREAD],
  [[230020, 232019], 'rate_limited', WAIT],
  [[230049], 'rate_limited', 'The same message is being sent: the bot retries in a moment.'],
  [[230022, 230028], 'content_rejected', AUDIT],
  [[230025], 'too_large', 'The message was too long for its format: it is sent as text.'],
  [[230027], 'permission', 'Grant the scope im:message:send_as_bot and publish a version; external groups need more.'],
  [[230029], 'target_gone', LEFT],
  [[230034], 'target_gone', ADDRESS],
  [[230036], 'target_gone', 'The organisation no longer exists.'],
  [[230050], 'target_gone', 'The bot cannot see this message.'],
  [[230053], 'target_gone', 'The user has blocked the bot and must enable it again.'],
  [[230075], 'bad_request', KEYED],
  [[230099], 'bad_request', CARD],
  [[11310], 'bad_request', CARD, 'community'],
  [[100290, 200380, 200381, 200570, 200621, 200732, 200737, 200861], 'bad_request', CARD],
  [[232009], 'target_gone', DISSOLVED],
  // The older message API
  [[10002, 10030], 'target_gone', IN_CHAT],
  [[10010], 'target_gone', OUTSIDER],
  [[11205, 11240], 'permission', BOT_ON],
  [[11207, 11209, 11210], 'credentials', 'The app cannot be used here: have it enabled and installed.'],
  [[11223], 'permission', 'Grant the scope im:message:send_as_bot and publish a version.'],
  [[11225], 'target_gone', RANGE],
  [[11232, 11233, 11247], 'rate_limited', WAIT],
  [[11235], 'content_rejected', 'Mentioning everybody is forbidden in this group.'],
  [[11236], 'target_gone', LEFT],
  [[11237], 'target_gone', DISSOLVED],
  [[11242], 'target_gone', GROUP_RULES],
  [[11246, 18054], 'bad_request', OUR_FAULT],
  [[11248, 11312], 'content_rejected', AUDIT],
  [[11221, 11227, 11244, 11245], 'bad_request', UPLOAD],
  [[18113], 'target_gone', THREAD],
  [[18121], 'rate_limited', 'The same message is being sent: the bot retries in a moment.'],
  // Custom bots of a group: https://open.feishu.cn/document/ukTMukTMukTM/ucTM5YjL3ETO24yNxkjN (read 2026-11)
  [[9499, 19002], 'bad_request', 'The alert was malformed or over 20 KB: please report it with the log line.'],
  [[19001], 'target_gone', 'Create a new custom bot in the group and copy its address.', 'community'],
  [[19021], 'signature', "Copy the custom bot's secret again and check the server's clock."],
  [[19022], 'ip_denied', "Add the server's outgoing IPv4 address to the custom bot's list."],
  [[19024], 'content_rejected', 'Add one of the custom bot’s keywords to the alert, or use its signature instead.'],
  [[19036], 'too_large', 'The alert was longer than 30 KB.'],
];
