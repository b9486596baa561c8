// Ids for following one message through the log, and for telling people apart without naming them.
import { createHmac, randomFillSync } from 'node:crypto';

const TRACE_ID_BYTES = 16;
/** Random bytes are drawn for 256 ids at once: drawing some costs as much as drawing all of these. */
const stock = Buffer.alloc(256 * TRACE_ID_BYTES);
let used = stock.length;

/** 32 hexadecimal digits, as W3C trace ids: https://www.w3.org/TR/trace-context/#trace-id (read 2026-11). */
export function newTraceId(): string {
  if (used === stock.length) {
    randomFillSync(stock);
    used = 0;
  }
  used += TRACE_ID_BYTES;
  return stock.toString('hex', used - TRACE_ID_BYTES, used);
}

/** 16 hexadecimal digits that stand for a chat or user id; only who holds the key can find out which. */
export const hashId = (key: string, id: string): string =>
  createHmac('sha256', key).update(id).digest('hex').slice(0, 16);
