// Reads one JSON value of a chat completion: a chunk of a stream, or a whole answer. Takes the content and what the
// log wants to know. Ids, models, indexes and everything unknown decide nothing.
import { countOf, isObject, listOf, membersOf, wordOf } from './loose-json.ts';

export interface Completion {
  /** Content that follows what came before. */
  delta: string;
  /** Content from the beginning: of a whole answer, or repeated at the end of a stream. */
  whole: string;
  /** Reasoning in a field of its own. */
  thoughts: number;
  /** The provider's own text for a refused answer. */
  refusal: string;
  /** False if the value has no choice, as the first and the last chunk of some streams. */
  hasChoice: boolean;
  finish: string | undefined;
  promptTokens: number | undefined;
  completionTokens: number | undefined;
}

/** The fields in which servers send reasoning beside the content. */
const THOUGHT_FIELDS = [
  'reasoning_content', // DeepSeek, DashScope, Zhipu: https://api-docs.deepseek.com/guides/reasoning_model
  'reasoning', // OpenRouter, vLLM from 0.11: https://docs.vllm.ai/en/latest/features/reasoning_outputs/
  'reasoning_details', // OpenRouter: https://openrouter.ai/docs/use-cases/reasoning-tokens
  'thinking', // Ollama: https://docs.ollama.com/capabilities/thinking
  'thinking_blocks', // LiteLLM: https://docs.litellm.ai/docs/reasoning_content
];

/** Undefined for a value that is no completion: no object, or choices of another type. */
export function readCompletion(json: unknown): Completion | undefined {
  if (!isObject(json)) return undefined;
  const { choices } = json;
  if (choices !== null && choices !== undefined && typeof choices !== 'object') return undefined;
  const choice = listOf(choices).find(isObject);
  const { delta, message, text } = choice ?? {};
  const said = isObject(delta) ? delta : membersOf(message);
  const usage = { ...membersOf(choice?.usage), ...membersOf(json.usage) };
  return {
    delta: textOf(membersOf(delta).content) || textOf(text),
    whole: textOf(membersOf(message).content),
    thoughts: THOUGHT_FIELDS.reduce((sum, field) => sum + lengthOf(said[field]), 0),
    refusal: wordOf(said.refusal) ?? '',
    hasChoice: choice !== undefined,
    finish: wordOf(choice?.finish_reason),
    promptTokens: countOf(usage.prompt_tokens),
    completionTokens: countOf(usage.completion_tokens),
  };
}

/** Content as text, or as a list of parts: https://docs.mistral.ai/capabilities/reasoning/ sends both kinds of part. */
function textOf(content: unknown): string {
  if (typeof content === 'string') return content;
  return listOf(content)
    .map((part) => (isObject(part) ? partText(part) : textOf(typeof part === 'string' ? part : undefined)))
    .join('');
}

/** Parts of type `text` and `output_text` are the answer; `thinking` and `reasoning`, images and calls are not. */
function partText(part: Record<string, unknown>): string {
  const { type, text, thought } = part;
  if (thought === true || (typeof type === 'string' && !/^(?:output_)?text$/i.test(type))) return '';
  return typeof text === 'string' ? text : String(wordOf(membersOf(text).value) ?? '');
}

function lengthOf(thoughts: unknown): number {
  if (typeof thoughts === 'string') return thoughts.length;
  return listOf(thoughts).length === 0 ? 0 : JSON.stringify(thoughts).length;
}
