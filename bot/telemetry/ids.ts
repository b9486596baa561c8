// Creates trace ids, and hashes the ids of chats and users for the log.
import { createHmac, randomFillSync } from 'node:crypto';

const TRACE_ID_BYTES = 16;
/** Random bytes for 256 ids, generated at once, because a call for one id costs as much as a call for 256. */
const stock = Buffer.alloc(256 * TRACE_ID_BYTES);
let used = stock.length;

/**
 * Returns 32 hexadecimal digits, the format of W3C trace ids:
 * https://www.w3.org/TR/trace-context/#trace-id (read 2026-11).
 */
export function newTraceId(): string {
  if (used === stock.length) {
    randomFillSync(stock);
    used = 0;
  }
  used += TRACE_ID_BYTES;
  return stock.toString('hex', used - TRACE_ID_BYTES, used);
}

/** Returns 16 hexadecimal digits for a chat or user id. The id cannot be found without the key. */
export const hashId = (key: string, id: string): string =>
  createHmac('sha256', key).update(id).digest('hex').slice(0, 16);
