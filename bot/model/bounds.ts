// Bounds on one answer of a model. Reading stops there, whatever the endpoint goes on to send.

/** Most UTF-16 units of an answer, remark included. Longer answers are cut and end with the remark that they are. */
export const LONGEST_ANSWER = 100_000;

/** Room that the remark of a cut answer takes within `LONGEST_ANSWER`. */
export const ROOM_FOR_REMARK = 200;

/** Most UTF-16 units of reasoning before an answer: several times the largest budget of today's models. */
export const LONGEST_THOUGHTS = 1_000_000;

/** Most UTF-16 units of one JSON body, or of one event of a stream. */
export const LONGEST_BODY = 4 * 1024 * 1024;

/** Most UTF-16 units read of an error's body. */
export const LONGEST_REFUSAL = 64 * 1024;

/** Most bytes of one call. A streamed token is a few hundred bytes of JSON, so long reasoning stays below. */
export const LONGEST_CALL = 64 * 1024 * 1024;

/** The longest beginning of `text` with at most `length` units, never ending within a character. */
export function beginningOf(text: string, length: number): string {
  return text.length <= length ? text : text.slice(0, length).replace(/[\uD800-\uDBFF]$/, '');
}
