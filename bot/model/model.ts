// What the bot knows of a language model.
import type { ChatMessage } from '../conversation/sessions.ts';
import type { InferenceErrorClass } from '../telemetry/names.ts';

export interface Model {
  /** As the operator set it; a label of the metrics. */
  name: string;
  kind: 'offline' | 'remote';
  /** The whole answer. Throws `ModelError`; when `signal` aborts, whatever the abort threw. */
  complete(messages: ChatMessage[], signal: AbortSignal): Promise<string>;
}

/** No answer from the model, after every endpoint was tried. */
export class ModelError extends Error {
  readonly class: InferenceErrorClass;
  readonly code: string;
  constructor(errorClass: InferenceErrorClass, code: string, message: string, cause?: unknown) {
    super(message, { cause });
    this.name = 'ModelError';
    this.class = errorClass;
    this.code = code;
  }
}
