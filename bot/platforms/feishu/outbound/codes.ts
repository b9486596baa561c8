// Finds what an answer of Feishu means for a push. Vendor SDKs classify some of these codes wrongly.
import type { PushErrorClass } from '../../../domain/delivery.ts';
import { isRetryable } from '../../shared/platform-call.ts';
import { type CodeMeaning, rows } from './code-table.ts';

const meanings: ReadonlyMap<number, CodeMeaning> = new Map(
  rows.flatMap(([codes, name, hint, source = 'official']) =>
    codes.map((code) => [code, { class: name, hint, source }] as const),
  ),
);

/** What the operator is told of a code; `retryable`: the bot tries again. Undefined for a code that nobody described. */
export function explainFeishu(code: string): (CodeMeaning & { retryable: boolean }) | undefined {
  const meaning = meanings.get(Number(code));
  return meaning && { ...meaning, retryable: isRetryable(meaning.class) };
}

/** The body's code counts before the HTTP status: the platform also refuses with 200 and throttles with 400. */
export function classifyFeishu(code: number | undefined, status: number): PushErrorClass {
  const known = code === undefined ? undefined : meanings.get(code);
  if (known) return known.class;
  if (status === 429) return 'rate_limited';
  // Without a code it was not the API that answered, but a gateway or a throttling page before it: that passes.
  return status >= 500 || code === undefined ? 'platform_error' : 'unknown';
}

/** The format was refused: another one can still carry the text, and the refused request has not used up its `uuid`. */
export function isFormatRejection(code: string): boolean {
  const number = Number(code);
  const known = [230001, 230025, 230054, 230055, 230099, 100290, 11310, 11246, 18054].includes(number);
  return known || (number >= 200_000 && number < 201_000);
}

/** The message or thread that is answered cannot be answered (any more): the chat still can. */
export function isTargetRejection(code: string): boolean {
  return [230011, 230019, 230050, 230071, 230072, 230110, 230111, 231003, 18113, 99992354].includes(Number(code));
}
