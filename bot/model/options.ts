// Options of a request that some endpoints reject. A rejected option is left out of later requests.
import type { InferenceErrorClass } from '../domain/inference.ts';
import type { ModelRequest } from './model.ts';
import type { ErrorResponse } from './read-error-response.ts';

/**
 * `stream_options`: rejected by Mistral, https://github.com/openai/openai-agents-python/issues/442. `stream`: by models
 * that do not stream, https://www.volcengine.com/docs/82379/1299023. `system`: by the template of Gemma,
 * https://github.com/huggingface/chat-ui/issues/1386.
 */
export type OptionalParameter = 'stream_options' | 'stream' | 'system';

const REFUSED =
  '(?:not (?:be )?(?:supported?|allowed|permitted|enabled|available|implemented)|unsupported|n.t support|不支持)';
const STREAM = String.raw`(?:\bstream(?:ing)?\b|流式)`;
const SYSTEM = String.raw`(?:\bsystem\b.{0,40}\b(?:role|message|prompt|instruction)s?|\brole\b.{0,30}\bsystem\b|developer instruction|(?:系统|system)\s*(?:角色|消息|提示))`;
const near = (subject: string) => new RegExp(`${subject}.{0,60}${REFUSED}|${REFUSED}.{0,60}${subject}`, 'i');
const refusesStream = near(STREAM);
const refusesSystem = near(SYSTEM);
/** Messages of templates and interfaces that accept the roles `user` and `assistant` only. */
const OTHER_ROLES = [
  /roles must alternate|only supports? user(?: and|,) assistant|\brole\b.{0,80}(?:must|should) be (?:one of )?\W{0,3}user\b/i,
  /only user.{0,30}\bassistant\b.{0,20} roles are (?:supported|allowed)(?!, with)/i,
  /(?:invalid|unexpected|unsupported|unknown) (?:message )?role\W{0,4}system\b/i,
];

/** Returns the option that a refusal names. */
export function rejectedParameter(
  errorClass: InferenceErrorClass,
  { param = '', words }: Pick<ErrorResponse, 'param' | 'words'>,
): OptionalParameter | undefined {
  if (errorClass !== 'bad_request' && errorClass !== 'server_error') return undefined;
  const sentence = words.slice(0, 2_000);
  if (/stream_options|include_usage/i.test(`${param} ${sentence}`)) return 'stream_options';
  // A 5xx message may mention its stream without rejecting the option.
  if (errorClass === 'bad_request' && (param === 'stream' || refusesStream.test(sentence))) return 'stream';
  const namesRole = /\brole\b/.test(param) && /\bsystem\b/i.test(sentence);
  const isSystem = namesRole || [refusesSystem, ...OTHER_ROLES].some((pattern) => pattern.test(sentence));
  return isSystem ? 'system' : undefined;
}

/** Builds the part of the request body that differs between endpoints. */
export function optionsOf({ system, messages }: ModelRequest, leftOut: ReadonlySet<OptionalParameter>): object {
  return {
    messages: withSystem(messages, system, leftOut.has('system')),
    ...(leftOut.has('stream') ? {} : { stream: true }),
    ...(leftOut.has('stream') || leftOut.has('stream_options') ? {} : { stream_options: { include_usage: true } }),
  };
}

/** Without a system role, the instructions go before the first question. */
function withSystem(messages: ModelRequest['messages'], system: string | undefined, asUser: boolean) {
  if (!system) return messages;
  if (!asUser) return [{ role: 'system', content: system }, ...messages];
  const first = messages.findIndex(({ role }) => role === 'user');
  return messages.map((message, index) =>
    index === first ? { ...message, content: `${system}\n\n${message.content}` } : message,
  );
}
