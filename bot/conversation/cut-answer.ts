// Bounds the length of an answer before it is stored, remembered and rendered.
import { scanLines } from '../channels/markdown/scan-lines.ts';
import { isTooLong, MAX_ANSWER_BYTES } from '../model/bounds.ts';
import { withCutOffRemark, withoutCutOffRemark } from '../model/words.ts';

/**
 * Returns the answer, or its first `MAX_ANSWER_BYTES` with the remark that it is not whole. No character is torn, and
 * an open code fence is closed, so that the remark is not read as code. A remark of the model's reader is replaced.
 */
export function cutAnswer(answer: string): string {
  if (!isTooLong(answer)) return answer;
  const text = withoutCutOffRemark(answer);
  const { read } = new TextEncoder().encodeInto(text, new Uint8Array(MAX_ANSWER_BYTES));
  const start = text.slice(0, read).trimEnd();
  const [fence] = scanLines(start).open?.close ?? [];
  return withCutOffRemark(fence === undefined ? start : `${start}\n${fence}`);
}
