// Adds the instructions to a request, and omits old context that exceeds the token limit of the model.
import { type Model, ModelError, type ModelRequest } from './model.ts';
import { estimateTokens } from './tokens.ts';
import { trimContext } from './trim-context.ts';

export interface FitOptions {
  system?: string | undefined;
  maxTokens: number;
}

/** Retries once with half of the context if the endpoint rejects its length, because token counts are estimates. */
export function fitContext(model: Model, { system, maxTokens }: FitOptions): Model {
  const shortened = (messages: ModelRequest['messages']) =>
    trimContext({
      system,
      context: messages.slice(0, -1),
      question: messages.at(-1)?.content ?? '',
      maxTokens,
      countTokens: estimateTokens,
    });
  return {
    ...model,
    async complete(request) {
      const messages = shortened(request.messages);
      try {
        return await model.complete({ ...request, system, messages });
      } catch (error) {
        if (!(error instanceof ModelError) || error.class !== 'context_length' || messages.length === 1) throw error;
        const half = messages.slice(Math.ceil((messages.length - 1) / 2));
        return await model.complete({ ...request, system, messages: shortened(half) });
      }
    },
  };
}
