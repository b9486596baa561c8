// Limits on one answer of a model. The bot stops reading when one is reached.

/**
 * Maximum bytes of an answer in UTF-8: about four messages of Feishu, eight of DingTalk. No more UTF-16 units are read
 * of it, remark included: each takes at least one byte, so what follows could not be sent.
 */
export const MAX_ANSWER_BYTES = 100_000;

/** UTF-16 units that the remark of a cut answer may use of `MAX_ANSWER_BYTES`. */
export const ROOM_FOR_REMARK = 200;

/** Maximum UTF-16 units of reasoning in one call. */
export const LONGEST_THOUGHTS = 1_000_000;

/** Maximum UTF-16 units of one JSON body, and of one event of a stream. */
export const LONGEST_BODY = 4 * 1024 * 1024;

/** Maximum UTF-16 units read of an error body. */
export const LONGEST_REFUSAL = 64 * 1024;

/** Maximum bytes of one call. A streamed token is a few hundred bytes of JSON, so long reasoning stays below. */
export const LONGEST_CALL = 64 * 1024 * 1024;

/** Returns at most `length` UTF-16 units of the beginning of `text`, without half a surrogate pair. */
export function beginningOf(text: string, length: number): string {
  return text.length <= length ? text : text.slice(0, length).replace(/[\uD800-\uDBFF]$/, '');
}

/** Returns true if `answer` has more than `MAX_ANSWER_BYTES`. */
export function isTooLong(answer: string): boolean {
  if (answer.length > MAX_ANSWER_BYTES) return true;
  // No UTF-16 unit takes more than three bytes, so the bytes of a short answer need not be counted.
  return answer.length * 3 > MAX_ANSWER_BYTES && Buffer.byteLength(answer) > MAX_ANSWER_BYTES;
}
