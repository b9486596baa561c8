// The longest answer that is read from a model and sent to a chat.

/** Bytes of UTF-8: about four messages of Feishu, eight of DingTalk. */
export const MAX_ANSWER_BYTES = 100_000;

/** True if `answer` has more than `MAX_ANSWER_BYTES`: what follows need not be read from the model. */
export function isTooLong(answer: string): boolean {
  if (answer.length > MAX_ANSWER_BYTES) return true;
  // No UTF-16 unit takes more than three bytes, so the bytes of a short answer need not be counted.
  return answer.length * 3 > MAX_ANSWER_BYTES && Buffer.byteLength(answer) > MAX_ANSWER_BYTES;
}
