// Checks the body of a session webhook or a custom robot as the platform does, and says what a person sees of it.
import { asRecord, asText } from '../common/json-body.ts';
import { OldApiError } from './errors.ts';
import { readWebhookMessage, type Shown } from './shapes.ts';

const maxBytes = 20_000;
const maxMentions = 50;

/** Throws an `OldApiError` for whatever the platform would not show. */
export function checkWebhookMessage(json: unknown): Shown {
  const body = asRecord(json);
  const type = asText(body.msgtype);
  if (type === '') throw new OldApiError(40035, '缺少参数 json');
  if (Buffer.byteLength(JSON.stringify(body)) > maxBytes) {
    throw new OldApiError(460101, 'message too long, exceed 20000 bytes');
  }
  checkMentions(body.at);
  const shown = readWebhookMessage(body);
  if ('unknownType' in shown) throw new OldApiError(400105, 'unsupported msgtype');
  if ('missing' in shown) throw new OldApiError(300001, `${type}.${shown.missing} is null`);
  return shown;
}

function checkMentions(at: unknown): void {
  if (at === undefined || at === null) return;
  const { atUserIds = [], atMobiles = [], isAtAll = false } = asRecord(at);
  const lists: unknown[] = [atUserIds, atMobiles];
  const fine = lists.every((list) => Array.isArray(list) && list.every((one) => asText(one) !== ''));
  if (!fine || typeof isAtAll !== 'boolean') throw new OldApiError(40035, '不合法的参数 at');
  if (lists.flat().length > maxMentions) throw new OldApiError(40035, 'at 的人数超过 50');
}
