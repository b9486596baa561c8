// Ids for following one message through the log, and for telling people apart without naming them.
import { createHmac, randomUUID } from 'node:crypto';

/** 32 hexadecimal digits, as W3C trace ids. Node draws the randomness of UUIDs in stock, which is what makes this cheap. */
export const newTraceId = (): string => randomUUID().replaceAll('-', '');

/** 16 hexadecimal digits that stand for a chat or user id; only who holds the key can find out which. */
export const hashId = (key: string, id: string): string =>
  createHmac('sha256', key).update(id).digest('hex').slice(0, 16);
