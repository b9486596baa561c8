// Reads one JSON value of a chat completion: a chunk of a stream, or a complete answer. Reads content, finish reason
// and usage only. Ignores ids, names, indexes and unknown members. The linked pages were read in 2026-11.
import { countOf, isObject, listOf, membersOf, stringOf } from './loose-json.ts';

export interface Completion {
  /** Content that continues earlier chunks. */
  delta: string;
  /** Complete content, of an answer in one piece or repeated at the end of a stream. */
  fullContent: string;
  /** UTF-16 units of reasoning in a separate field. */
  thoughts: number;
  /** Text by which the model declines to answer: https://platform.openai.com/docs/api-reference/chat/object. */
  refusal: string;
  /** False for chunks without a choice, such as the first chunk of Azure and the last chunk with usage. */
  hasChoice: boolean;
  /** True for a chunk of a stream; false for an answer in one piece. */
  hasDelta: boolean;
  finish: string | undefined;
  promptTokens: number | undefined;
  completionTokens: number | undefined;
}

/** Fields that hold reasoning beside the content. */
const THOUGHT_FIELDS = [
  'reasoning_content', // DeepSeek, DashScope, Zhipu: https://api-docs.deepseek.com/guides/reasoning_model
  'reasoning', // OpenRouter, vLLM from 0.11: https://docs.vllm.ai/en/latest/features/reasoning_outputs/
  'reasoning_details', // OpenRouter: https://openrouter.ai/docs/use-cases/reasoning-tokens
  'thinking', // Ollama: https://docs.ollama.com/capabilities/thinking
  'thinking_blocks', // LiteLLM: https://docs.litellm.ai/docs/reasoning_content
];

/**
 * Returns the parts of a completion; undefined if the value is no object, or its choices are neither list nor object.
 */
export function readCompletion(json: unknown): Completion | undefined {
  if (!isObject(json)) return undefined;
  const { choices } = json;
  if (choices !== null && choices !== undefined && typeof choices !== 'object') return undefined;
  const choice = listOf(choices).find(isObject);
  const { delta, message, text } = choice ?? {};
  const part = isObject(delta) ? delta : membersOf(message);
  const usage = { ...membersOf(choice?.usage), ...membersOf(json.usage) };
  return {
    delta: textOf(membersOf(delta).content) || textOf(text),
    fullContent: textOf(membersOf(message).content),
    thoughts: THOUGHT_FIELDS.reduce((sum, field) => sum + lengthOf(part[field]), 0),
    refusal: pieceOf(part.refusal),
    hasChoice: choice !== undefined,
    hasDelta: isObject(delta) && !isObject(message),
    finish: stringOf(choice?.finish_reason),
    promptTokens: countOf(usage.prompt_tokens),
    completionTokens: countOf(usage.completion_tokens),
  };
}

/** Returns the text of content: a string, or a list of parts (https://docs.mistral.ai/capabilities/reasoning/). */
function textOf(content: unknown): string {
  if (typeof content === 'string') return content;
  return listOf(content)
    .map((part) => (isObject(part) ? partText(part) : textOf(typeof part === 'string' ? part : undefined)))
    .join('');
}

/** Returns the text of a part of type `text` or `output_text`. Other parts are reasoning, images or calls. */
function partText(part: Record<string, unknown>): string {
  const { type, text, thought } = part;
  if (thought === true || (typeof type === 'string' && !/^(?:output_)?text$/i.test(type))) return '';
  return typeof text === 'string' ? text : String(stringOf(membersOf(text).value) ?? '');
}

function lengthOf(thoughts: unknown): number {
  if (typeof thoughts === 'string') return thoughts.length;
  return listOf(thoughts).length === 0 ? 0 : JSON.stringify(thoughts).length;
}

/** Returns a piece of text, which can be only white space. A placeholder such as `None` is no text. */
function pieceOf(text: unknown): string {
  return typeof text === 'string' && (/^\s/.test(text) || stringOf(text) !== undefined) ? text : '';
}
