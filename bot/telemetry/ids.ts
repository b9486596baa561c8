// Ids for following one message through the log, and for telling people apart without naming them.
import { createHmac, randomBytes } from 'node:crypto';

/** 32 hexadecimal digits, as W3C trace ids. */
export const newTraceId = (): string => randomBytes(16).toString('hex');

/** 16 hexadecimal digits that stand for a chat or user id; only who holds the key can find out which. */
export const hashId = (key: string, id: string): string =>
  createHmac('sha256', key).update(id).digest('hex').slice(0, 16);
