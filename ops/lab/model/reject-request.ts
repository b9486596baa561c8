// Rejects requests to the fake model with the protocol's error bodies.
import type { RequestHandler, Response } from 'express';
import { asText } from '../common/json-body.ts';
import type { FaultName, FaultSet } from '../faults.ts';
import type { ChatMessage } from './answer.ts';

/** HTTP status, code and text of a rejection. */
export type ModelRejection = [status: number, code: string, message: string];

/** Answers with the error body of the protocol. */
export function sendRejection(response: Response, [status, code, message]: ModelRejection): void {
  const type = status >= 500 ? 'server_error' : 'invalid_request_error';
  response.status(status).json({ error: { message, type, param: null, code } });
}

const rejectionsByFault: Partial<Record<FaultName, ModelRejection>> = {
  'model-401': [401, 'invalid_api_key', 'Incorrect API key provided.'],
  'model-500': [500, 'internal_error', 'The server had an error.'],
  'model-429': [429, 'rate_limit_exceeded', 'Rate limit reached. Please try again in 1s.'],
  'model-filter-question': [400, 'content_filter', 'The prompt was filtered by the content management policy.'],
};

/** Accepts a request with the right key, unless an active fault rejects it. */
export function guard(apiKey: string, faults: FaultSet): RequestHandler {
  return (request, response, next) => {
    const wrongKey = request.get('authorization') !== `Bearer ${apiKey}`;
    const found = wrongKey ? 'model-401' : [...faults].find((fault) => rejectionsByFault[fault]);
    const rejection = found && rejectionsByFault[found];
    if (!rejection) return next();
    if (rejection[0] === 429) response.set('retry-after', '1');
    sendRejection(response, rejection);
  };
}

/** Returns the rejection of an invalid completion request, or undefined if it is valid. */
export function problemWith(request: {
  body: Record<string, unknown>;
  messages: ChatMessage[];
  promptTokens: number;
  model: string;
  contextTokens: number;
}): ModelRejection | undefined {
  const { body, messages, promptTokens, model, contextTokens } = request;
  if (body.model !== model) return [404, 'model_not_found', `The model \`${asText(body.model)}\` does not exist.`];
  if (messages.length === 0) return [400, 'invalid_value', 'messages must be a list with at least one message.'];
  if (!messages.every((message) => ['system', 'user', 'assistant'].includes(message.role))) {
    return [400, 'invalid_value', 'role must be system, user or assistant.'];
  }
  if (promptTokens <= contextTokens) return undefined;
  const text = `This model's maximum context length is ${contextTokens} tokens; the messages hold ${promptTokens}.`;
  return [400, 'context_length_exceeded', text];
}
