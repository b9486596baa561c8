// Parts of a request that some endpoints refuse. A part that was refused is left out from then on.
import type { InferenceErrorClass } from '../telemetry/names.ts';
import type { ModelRequest } from './model.ts';
import type { RefusalFacts } from './read-refusal.ts';

/**
 * `stream_options`: refused by Mistral, https://github.com/openai/openai-agents-python/issues/442. `stream`: by models
 * that do not stream, https://www.volcengine.com/docs/82379/1299023. `system`: by templates of Gemma and Mistral,
 * https://github.com/vllm-project/vllm/issues/3854.
 */
export type RefusableOption = 'stream_options' | 'stream' | 'system';

const REFUSED =
  '(?:not (?:be )?(?:supported?|allowed|permitted|enabled|available|implemented)|unsupported|n.t support|不支持)';
const STREAM = String.raw`(?:\bstream(?:ing)?\b|流式)`;
const SYSTEM = String.raw`(?:\bsystem\b.{0,40}\b(?:role|message|prompt|instruction)s?|\brole\b.{0,30}\bsystem\b|developer instruction|系统(?:角色|消息|提示))`;
const near = (subject: string) => new RegExp(`${subject}.{0,60}${REFUSED}|${REFUSED}.{0,60}${subject}`, 'i');
const refusesStream = near(STREAM);
const refusesSystem = near(SYSTEM);
/** Templates that know the roles of a person and an assistant only. */
const OTHER_ROLES = /roles must alternate|only supports? user(?: and|,) assistant/i;

/** The option that a refusal names. */
export function refusedOption(
  errorClass: InferenceErrorClass,
  { param = '', words }: Pick<RefusalFacts, 'param' | 'words'>,
): RefusableOption | undefined {
  if (errorClass !== 'bad_request' && errorClass !== 'server_error') return undefined;
  const sentence = words.slice(0, 2_000);
  if (/stream_options|include_usage/i.test(`${param} ${sentence}`)) return 'stream_options';
  // A fault of the server speaks of its stream without refusing one.
  if (errorClass === 'bad_request' && (param === 'stream' || refusesStream.test(sentence))) return 'stream';
  return refusesSystem.test(sentence) || OTHER_ROLES.test(sentence) ? 'system' : undefined;
}

/** The parts of the request that differ between endpoints. */
export function optionsOf({ system, messages }: ModelRequest, leftOut: ReadonlySet<RefusableOption>): object {
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
