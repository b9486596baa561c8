// Options of a request that some endpoints reject. Later requests omit a rejected option.
import type { InferenceErrorClass } from '../domain/inference.ts';
import { LONGEST_MESSAGE } from './bounds.ts';
import type { ModelRequest } from './model.ts';
import type { ErrorResponse } from './read-error-response.ts';

/**
 * `stream_options`: rejected by Mistral, https://github.com/openai/openai-agents-python/issues/442 (read 2026-11).
 * `stream`: rejected by models that do not stream, https://www.volcengine.com/docs/82379/1299023 (read 2026-11).
 * `system`: rejected by the template of Gemma, https://github.com/huggingface/chat-ui/issues/1386 (read 2026-11).
 */
export type RequestOption = 'stream_options' | 'stream' | 'system';

const NOT_SUPPORTED =
  '(?:not (?:be )?(?:supported?|allowed|permitted|enabled|available|implemented)|unsupported|n.t support|不支持)';
const STREAM = String.raw`(?:\bstream(?:ing)?\b|流式)`;
const SYSTEM = String.raw`(?:\bsystem\b.{0,40}\b(?:role|message|prompt|instruction)s?|\brole\b.{0,30}\bsystem\b|developer instruction|(?:系统|system)\s*(?:角色|消息|提示))`;
const near = (subject: string) =>
  new RegExp(`${subject}.{0,60}${NOT_SUPPORTED}|${NOT_SUPPORTED}.{0,60}${subject}`, 'i');
const rejectsStream = near(STREAM);
const rejectsSystem = near(SYSTEM);
/** Messages of templates and APIs that accept only the roles `user` and `assistant`. */
const OTHER_ROLES = [
  /roles must alternate|only supports? user(?: and|,) assistant|\brole\b.{0,80}(?:must|should) be (?:one of )?\W{0,3}user\b/i,
  /only user.{0,30}\bassistant\b.{0,20} roles are (?:supported|allowed)(?!, with)/i,
  /(?:invalid|unexpected|unsupported|unknown) (?:message )?role\W{0,4}system\b/i,
];

/** Returns the option that an error names as rejected; undefined if it names none. */
export function rejectedOption(
  errorClass: InferenceErrorClass,
  { param = '', message }: Pick<ErrorResponse, 'param' | 'message'>,
): RequestOption | undefined {
  if (errorClass !== 'bad_request' && errorClass !== 'server_error') return undefined;
  const beginning = message.slice(0, LONGEST_MESSAGE);
  if (/stream_options|include_usage/i.test(`${param} ${beginning}`)) return 'stream_options';
  // A 5xx message may mention its stream without rejecting the option.
  if (errorClass === 'bad_request' && (param === 'stream' || rejectsStream.test(beginning))) return 'stream';
  const namesRole = /\brole\b/.test(param) && /\bsystem\b/i.test(beginning);
  const isSystem = namesRole || [rejectsSystem, ...OTHER_ROLES].some((pattern) => pattern.test(beginning));
  return isSystem ? 'system' : undefined;
}

/** Builds the part of the request body that differs between endpoints. */
export function optionsOf({ system, messages }: ModelRequest, omitted: ReadonlySet<RequestOption>): object {
  return {
    messages: withSystem(messages, system, omitted.has('system')),
    ...(omitted.has('stream') ? {} : { stream: true }),
    ...(omitted.has('stream') || omitted.has('stream_options') ? {} : { stream_options: { include_usage: true } }),
  };
}

/**
 * Adds the instructions. With `asUser`, they go before the text of the first question instead of into a system message.
 */
function withSystem(messages: ModelRequest['messages'], system: string | undefined, asUser: boolean) {
  if (!system) return messages;
  if (!asUser) return [{ role: 'system', content: system }, ...messages];
  const first = messages.findIndex(({ role }) => role === 'user');
  return messages.map((message, index) =>
    index === first ? { ...message, content: `${system}\n\n${message.content}` } : message,
  );
}
