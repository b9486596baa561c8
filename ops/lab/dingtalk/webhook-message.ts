// Checks the body of a session webhook or a custom robot as the platform does.
import { asRecord, asText } from '../common/json-body.ts';
import { OldApiError } from './errors.ts';
import { type DisplayedMessage, readWebhookMessage } from './shapes.ts';

const maxBytes = 20_000;
const maxMentions = 50;

/**
 * Returns the message as a user sees it.
 * @throws OldApiError if the platform would not show the message
 */
export function checkWebhookMessage(json: unknown): DisplayedMessage {
  const body = asRecord(json);
  const type = asText(body.msgtype);
  if (type === '') throw new OldApiError(40035, '缺少参数 json');
  if (Buffer.byteLength(JSON.stringify(body)) > maxBytes) {
    throw new OldApiError(460101, 'message too long, exceed 20000 bytes');
  }
  checkMentions(body.at);
  const message = readWebhookMessage(body);
  if ('unknownType' in message) throw new OldApiError(400105, 'unsupported msgtype');
  if ('missing' in message) throw new OldApiError(300001, `${type}.${message.missing} is null`);
  return message;
}

function checkMentions(at: unknown): void {
  if (at === undefined || at === null) return;
  const { atUserIds = [], atMobiles = [], isAtAll = false } = asRecord(at);
  const lists: unknown[] = [atUserIds, atMobiles];
  const valid = lists.every((list) => Array.isArray(list) && list.every((one) => asText(one) !== ''));
  if (!valid || typeof isAtAll !== 'boolean') throw new OldApiError(40035, '不合法的参数 at');
  if (lists.flat().length > maxMentions) throw new OldApiError(40035, 'at 的人数超过 50');
}
