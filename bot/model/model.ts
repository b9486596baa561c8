// Interface of a language model.
import type { ChatMessage } from '../domain/chat-message.ts';
import type { InferenceErrorClass, TenantModel } from '../domain/inference.ts';
import type { Language } from '../domain/language.ts';

export interface Model {
  /** Name from the settings; a label of the metrics. */
  name: string;
  kind: 'offline' | 'remote';
  /** Resolves with the complete answer. Throws `ModelError`, or the error of the abort if `signal` aborts. */
  complete(request: ModelRequest): Promise<string>;
}

export interface ModelRequest {
  /** Oldest first; the last one is the question. */
  messages: ChatMessage[];
  /** Instructions that go before the messages. */
  system?: string | undefined;
  /** Language of the person. The offline model answers in it. */
  language?: Language | undefined;
  signal: AbortSignal;
  /** Trace id of the message that the call is for. It goes to the log. */
  traceId?: string | undefined;
  /** Endpoint or model name of the tenant, used instead of those of the installation. */
  tenant?: TenantModel | undefined;
  /**
   * Receives the answer so far each time it changes. The text starts over if the next endpoint answers, and becomes
   * shorter if its beginning turns out to be reasoning.
   */
  onText?: ((soFar: string) => void) | undefined;
}

/** Failure of a model call. `class` and `code` go to the metrics and the log. */
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
