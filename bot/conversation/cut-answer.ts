// Bounds the length of an answer before it is stored, remembered and rendered.
import { scanLines } from '../channels/markdown/scan-lines.ts';
import { isTooLong, MAX_ANSWER_BYTES } from '../model/answer-limit.ts';
import { withCutOffRemark } from '../model/words.ts';

/**
 * Returns the answer, or its first `MAX_ANSWER_BYTES` with the remark that it is not whole. No character is torn, and
 * an open code fence is closed, so that the remark is not read as code.
 */
export function cutAnswer(answer: string): string {
  if (!isTooLong(answer)) return answer;
  const { read } = new TextEncoder().encodeInto(answer, new Uint8Array(MAX_ANSWER_BYTES));
  const start = answer.slice(0, read).trimEnd();
  const [fence] = scanLines(start).open?.close ?? [];
  return withCutOffRemark(fence === undefined ? start : `${start}\n${fence}`);
}
