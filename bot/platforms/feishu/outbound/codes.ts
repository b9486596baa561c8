// Classifies Feishu's error codes for a push. Vendor SDKs classify some of these codes wrongly.
import type { PushErrorClass } from '../../../domain/delivery.ts';
import { type CodeMeaning, rows } from './code-table.ts';

const meanings: ReadonlyMap<number, CodeMeaning> = new Map(
  rows.flatMap(([codes, name, hint, source = 'official']) =>
    codes.map((code) => [code, { class: name, hint, source }] as const),
  ),
);

/** Returns the meaning of a code, or undefined if no source describes it. */
export function explainFeishu(code: string): CodeMeaning | undefined {
  return meanings.get(Number(code));
}

/**
 * Classifies a response by the code in its body, then by its HTTP status. Feishu also rejects with 200, and throttles
 * with 400 (https://open.feishu.cn/document/server-docs/api-call-guide/frequency-control, read 2026-11).
 */
export function classifyFeishu(code: number | undefined, status: number): PushErrorClass {
  const known = code === undefined ? undefined : meanings.get(code);
  if (known) return known.class;
  if (status === 429) return 'rate_limited';
  // A response without a code comes from a gateway or a throttling page in front of the API, so a retry can succeed.
  return status >= 500 || code === undefined ? 'platform_error' : 'unknown';
}

/** Returns true if Feishu rejected the format. Another format can carry the text; the `uuid` is not used up. */
export function isFormatRejection(code: string): boolean {
  const number = Number(code);
  const known = [230001, 230025, 230054, 230055, 230099, 100290, 11310, 11246, 18054].includes(number);
  return known || (number >= 200_000 && number < 201_000);
}

/** Returns true if the message or thread accepts no reply (any more). The chat itself still accepts messages. */
export function isTargetRejection(code: string): boolean {
  return [230011, 230019, 230050, 230071, 230072, 230110, 230111, 231003, 18113, 99992354].includes(Number(code));
}
