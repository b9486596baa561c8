// Resolves the receiver of a new message to a chat, with Feishu's errors.
import type { Request } from 'express';
import { asRecord, asText } from '../common/json-body.ts';
import type { Directory } from './directory.ts';
import { FeishuApiError, invalidField } from './errors.ts';

const people = new Map([
  ['open_id', { kind: 'openId', unknown: 99992351 }],
  ['union_id', { kind: 'unionId', unknown: 99992352 }],
  ['user_id', { kind: 'userId', unknown: 99992353 }],
] as const);

/**
 * Returns the chat that `receive_id_type` and `receive_id` name.
 * @throws FeishuApiError with the platform's code
 */
export function findReceiver(request: Request, directory: Directory): string {
  const type = asText(request.query.receive_id_type);
  const id = asText(asRecord(request.body).receive_id);
  if (!isIdType(type)) throw invalidField('receive_id_type');
  if (id === '') throw invalidField('receive_id');
  if (type === 'chat_id' && idTypeOf(id) === 'user_id') throw new FeishuApiError(99992356);
  if (idTypeOf(id) !== type) throw new FeishuApiError(230034);
  if (type === 'chat_id') {
    if (!directory.knowsChat(id)) throw new FeishuApiError(230002);
    return id;
  }
  // No person in the lab has an e-mail address.
  const person = type === 'email' ? undefined : people.get(type);
  if (person === undefined) throw new FeishuApiError(230034);
  const chatId = directory.chatWith(person.kind, id);
  if (chatId === undefined) throw new FeishuApiError(person.unknown);
  return chatId;
}

type IdType = 'open_id' | 'union_id' | 'user_id' | 'email' | 'chat_id';

function isIdType(type: string): type is IdType {
  return ['open_id', 'union_id', 'user_id', 'email', 'chat_id'].includes(type);
}

// The platform's convention: an id without a known prefix is a user_id.
function idTypeOf(id: string): IdType {
  if (id.includes('@')) return 'email';
  const prefixes: Record<string, IdType> = { oc_: 'chat_id', ou_: 'open_id', on_: 'union_id' };
  return prefixes[id.slice(0, 3)] ?? 'user_id';
}
