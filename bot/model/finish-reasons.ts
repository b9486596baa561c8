// Classifies the finish reasons of a chat completion. The linked pages were read in 2026-11.
import { ModelError } from './model.ts';

/**
 * `done`: the answer is complete. `cut`: a length limit ended it. `filtered`: the provider withheld it.
 * `failed`: the endpoint could not continue. `tools`: the model called a tool. `other`: the reason is unknown.
 */
export type FinishKind = 'done' | 'cut' | 'filtered' | 'failed' | 'tools' | 'other';

const REASONS: Record<Exclude<FinishKind, 'other'>, readonly string[]> = {
  done: ['stop', 'eos', 'eos_token', 'end_turn', 'stop_sequence', 'complete', 'completed', 'finished', 'end', 'done'],
  cut: [
    'length',
    'max_tokens',
    'max_output_tokens',
    'max_completion_tokens',
    'model_length', // Mistral: https://docs.mistral.ai/api/
    'model_context_window_exceeded', // Zhipu: https://docs.bigmodel.cn/cn/api/introduction
    'token_limit',
  ],
  filtered: [
    'content_filter',
    'content_filtered',
    'sensitive', // Zhipu: https://docs.bigmodel.cn/cn/api/introduction
    'refusal', // Claude through a gateway
    'safety', // Gemini: https://ai.google.dev/api/generate-content#FinishReason; also the following four
    'prohibited_content',
    'blocklist',
    'recitation',
    'spii',
    'error_toxic', // Cohere
  ],
  failed: [
    'error', // OpenRouter: https://openrouter.ai/docs/api/reference/errors-and-debugging
    'abort', // vLLM, SGLang
    'network_error', // Zhipu
    'insufficient_system_resource', // DeepSeek: https://api-docs.deepseek.com/api/create-chat-completion
    'cancelled',
    'canceled',
    'timeout',
  ],
  tools: ['tool_calls', 'tool_call', 'tool_use', 'function_call', 'malformed_function_call'],
};

const kinds = new Map<string, FinishKind>();
for (const [kind, reasons] of Object.entries(REASONS)) {
  for (const reason of reasons) kinds.set(reason, kind as FinishKind); // keys of a closed table
}

/**
 * Returns the kind of a finish reason. A missing reason is `done`, because `[DONE]` or the end of the body was read.
 */
export function kindOfFinish(reason: string | undefined): FinishKind {
  return reason === undefined ? 'done' : (kinds.get(reason.toLowerCase()) ?? 'other');
}

/** Returns the error for a finish reason; undefined if the answer can be delivered. */
export function errorOfFinish(reason: string | undefined, isEmpty: boolean): ModelError | undefined {
  const kind = kindOfFinish(reason);
  const code = reasonForLog(reason);
  if (kind === 'filtered') return new ModelError('content_filter', code, 'The provider filtered the answer.');
  if (kind === 'failed') return new ModelError('server_error', code, 'The endpoint ended the answer early.');
  if (!isEmpty) return undefined;
  if (kind === 'tools') {
    return new ModelError(
      'malformed_answer',
      code,
      'The model called a tool and returned no text. The bot has no tools.',
    );
  }
  return kind === 'other' ? new ModelError('malformed_answer', code, 'The model ended without an answer.') : undefined;
}

/** Returns the reason for the log. Replaces free text, because another server wrote it. */
export function reasonForLog(reason = 'none'): string {
  return /^[\w.:-]{1,40}$/.test(reason) ? reason : 'unprintable';
}
