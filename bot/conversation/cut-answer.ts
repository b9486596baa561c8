// Limits the length of an answer before it is stored, added to the session and rendered.

import { isTooLong, MAX_ANSWER_BYTES } from '../model/bounds.ts';
import { withCutOffRemark, withoutCutOffRemark } from '../model/failure-messages.ts';
import { scanLines } from '../platforms/shared/markdown/scan-lines.ts';

/**
 * Returns the answer, or its first `MAX_ANSWER_BYTES` with a remark that it is incomplete. Never cuts inside a
 * character. Closes an open code fence, so that the remark is not rendered as code. Replaces a remark that the reader
 * of the model's answer has added.
 */
export function cutAnswer(answer: string): string {
  const text = withoutCutOffRemark(answer);
  if (isTooLong(answer)) return addRemark(firstBytes(text));
  return text === answer ? answer : addRemark(text);
}

function firstBytes(text: string): string {
  const { read } = new TextEncoder().encodeInto(text, new Uint8Array(MAX_ANSWER_BYTES));
  return text.slice(0, read).trimEnd();
}

function addRemark(text: string): string {
  const { open } = scanLines(text);
  // The closing fence needs the indent of the open one. Inside a list, a fence without indent would open a new block.
  return withCutOffRemark(open === undefined ? text : `${text}\n${open.indent}${open.close.join('\n')}`);
}
