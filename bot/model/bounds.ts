// Limits on one answer of a model. The bot stops reading when it reaches one of them.

/**
 * Maximum bytes of an answer in UTF-8: about four Feishu messages or eight DingTalk messages. The bot also reads at
 * most this many UTF-16 units, remark included. Each unit needs at least one byte, so a longer text would exceed the
 * limit.
 */
export const MAX_ANSWER_BYTES = 100_000;

/** UTF-16 units of `MAX_ANSWER_BYTES` that are reserved for the remark on a cut answer. */
export const ROOM_FOR_REMARK = 200;

/** Maximum UTF-16 units of reasoning in one call. */
export const LONGEST_THOUGHTS = 1_000_000;

/** Maximum UTF-16 units of one JSON body, and of one event of a stream. */
export const LONGEST_BODY = 4 * 1024 * 1024;

/** Maximum UTF-16 units that are read of an error body. */
export const LONGEST_ERROR_BODY = 64 * 1024;

/** UTF-16 units of an error message that are classified. The rest of a long message often repeats the request. */
export const LONGEST_MESSAGE = 2_000;

/** Maximum bytes of one response. A streamed token is a few hundred bytes of JSON, so long reasoning stays below it. */
export const LONGEST_CALL = 64 * 1024 * 1024;

/** Returns at most `length` UTF-16 units of the beginning of `text`, without half a surrogate pair. */
export function beginningOf(text: string, length: number): string {
  return text.length <= length ? text : text.slice(0, length).replace(/[\uD800-\uDBFF]$/, '');
}

/** Returns true if `answer` has more than `MAX_ANSWER_BYTES`. */
export function isTooLong(answer: string): boolean {
  if (answer.length > MAX_ANSWER_BYTES) return true;
  // A UTF-16 unit needs at most three bytes, so the bytes of a short answer need not be counted.
  return answer.length * 3 > MAX_ANSWER_BYTES && Buffer.byteLength(answer) > MAX_ANSWER_BYTES;
}
