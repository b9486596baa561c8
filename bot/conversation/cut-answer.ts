// Bounds the length of an answer before it is stored, remembered and rendered.

import { isTooLong, MAX_ANSWER_BYTES } from '../model/bounds.ts';
import { withCutOffRemark, withoutCutOffRemark } from '../model/failure-messages.ts';
import { scanLines } from '../platforms/shared/markdown/scan-lines.ts';

/**
 * Returns the answer, or its first `MAX_ANSWER_BYTES` with the remark that it is not whole. No character is torn, and
 * an open code fence is closed, so that the remark is not read as code. A remark of the model's reader is replaced.
 */
export function cutAnswer(answer: string): string {
  const text = withoutCutOffRemark(answer);
  if (isTooLong(answer)) return remarked(beginningOf(text));
  return text === answer ? answer : remarked(text);
}

function beginningOf(text: string): string {
  const { read } = new TextEncoder().encodeInto(text, new Uint8Array(MAX_ANSWER_BYTES));
  return text.slice(0, read).trimEnd();
}

function remarked(text: string): string {
  const { open } = scanLines(text);
  // In a list, a mark at the margin would begin another fence.
  return withCutOffRemark(open === undefined ? text : `${text}\n${open.indent}${open.close.join('\n')}`);
}
