// What the bot knows of a language model.
import type { ChatMessage } from '../domain/chat-message.ts';
import type { InferenceErrorClass, TenantModel } from '../domain/inference.ts';
import type { Language } from '../domain/language.ts';

export interface Model {
  /** As the operator set it; a label of the metrics. */
  name: string;
  kind: 'offline' | 'remote';
  /** The whole answer. Throws `ModelError`; when `signal` aborts, whatever the abort threw. */
  complete(request: ModelRequest): Promise<string>;
}

export interface ModelRequest {
  /** Oldest first, the question last. */
  messages: ChatMessage[];
  /** Instructions that go before the messages. */
  system?: string | undefined;
  /** Language of the person; the offline model answers in it. */
  language?: Language | undefined;
  signal: AbortSignal;
  /** A tenant's own endpoint, asked instead of the installation's. */
  tenant?: TenantModel | undefined;
  /**
   * Receives the answer as far as it is, each time it changes. It starts again if another endpoint takes over, and
   * becomes shorter if its beginning turns out as reasoning.
   */
  onText?: ((soFar: string) => void) | undefined;
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
