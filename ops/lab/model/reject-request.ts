// When the fake model refuses a request, and with which words.
import type { RequestHandler, Response } from 'express';
import { asText } from '../common/json-body.ts';
import type { FaultName, FaultSet } from '../faults.ts';
import type { ChatMessage } from './answer.ts';

/** HTTP status, code and text of a refusal. */
export type Refusal = [status: number, code: string, message: string];

/** Answers with the error body of the protocol. */
export function refuse(response: Response, [status, code, message]: Refusal): void {
  const type = status >= 500 ? 'server_error' : 'invalid_request_error';
  response.status(status).json({ error: { message, type, param: null, code } });
}

const refusedByFault: Partial<Record<FaultName, Refusal>> = {
  'model-401': [401, 'invalid_api_key', 'Incorrect API key provided.'],
  'model-500': [500, 'internal_error', 'The server had an error.'],
  'model-429': [429, 'rate_limit_exceeded', 'Rate limit reached. Please try again in 1s.'],
  'model-filter-question': [400, 'content_filter', 'The prompt was filtered by the content management policy.'],
};

/** Lets a request pass that has the key, unless a fault refuses it. */
export function guard(apiKey: string, faults: FaultSet): RequestHandler {
  return (request, response, next) => {
    const wrongKey = request.get('authorization') !== `Bearer ${apiKey}`;
    const found = wrongKey ? 'model-401' : [...faults].find((fault) => refusedByFault[fault]);
    const refusal = found && refusedByFault[found];
    if (!refusal) return next();
    if (refusal[0] === 429) response.set('retry-after', '1');
    refuse(response, refusal);
  };
}

/** What is wrong with a request for a completion. */
export function problemWith(request: {
  body: Record<string, unknown>;
  messages: ChatMessage[];
  promptTokens: number;
  model: string;
  contextTokens: number;
}): Refusal | undefined {
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
