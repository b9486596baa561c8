// The fake model: an OpenAI-compatible chat completion server with predictable answers.
import { setMaxListeners } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';
import express, { type ErrorRequestHandler, type Express, type RequestHandler, type Response } from 'express';
import { randomId } from '../common/ids.ts';
import { asRecord, asText } from '../common/json-body.ts';
import type { LabCredentials } from '../credentials.ts';
import type { FaultSet } from '../faults.ts';
import { answerTo, type ChatMessage, tokensIn } from './answer.ts';
import { completion, stream } from './completion.ts';

const contextTokens = 32_768;
const slowFaultMs = 2_000;

/** The fake model as tests use it. */
export interface FakeModel {
  /** Requests that were answered or begun. */
  readonly requests: number;
  /** Milliseconds an answer takes; half of it passes before the first token. */
  delayMs: number;
}

/** What the fake needs. */
export interface FakeModelDeps {
  model: LabCredentials['model'];
  faults: FaultSet;
  delayMs: number;
}

/** Creates the fake; `handler` serves `/v1`, `stop` ends answers under way. */
export function createFakeModel({ model, faults, delayMs }: FakeModelDeps): {
  fake: FakeModel;
  handler: Express;
  stop(): void;
} {
  const stopped = new AbortController();
  // Every answer under way listens; the default of ten would warn of a leak.
  setMaxListeners(0, stopped.signal);
  const fake = { requests: 0, delayMs };
  const handler = express();
  handler.disable('x-powered-by');
  handler.use((_request, _response, next) => {
    if (!faults.has('model-stall')) next();
  });
  handler.use(express.json({ limit: '8mb', type: () => true }));
  handler.use(guard(model.apiKey, faults));
  handler.get('/v1/models', (_request, response) => {
    response.json({ object: 'list', data: [{ id: model.name, object: 'model', created: 0, owned_by: 'lab' }] });
  });
  handler.post('/v1/chat/completions', complete({ fake, name: model.name, faults, signal: stopped.signal }));
  handler.use((_request, response) => refuse(response, [404, 'not_found', 'Unknown path. The API is below /v1.']));
  const answerErrors: ErrorRequestHandler = (error: unknown, _request, response, _next) => {
    if (response.headersSent || stopped.signal.aborted) response.destroy();
    else refuse(response, [400, 'invalid_json', error instanceof Error ? error.message : 'unreadable request']);
  };
  handler.use(answerErrors);
  return { fake, handler, stop: () => stopped.abort() };
}

interface CompleteDeps {
  fake: { requests: number; delayMs: number };
  name: string;
  faults: FaultSet;
  signal: AbortSignal;
}

function complete({ fake, name, faults, signal }: CompleteDeps): RequestHandler {
  const pause = (ms: number) => (ms < 1 ? undefined : wait(ms, undefined, { signal }));
  const isCut = () => faults.has('model-stream-cut');
  return async (request, response) => {
    const body = asRecord(request.body);
    const messages = readMessages(body.messages);
    const promptTokens = messages.reduce((sum, message) => sum + tokensIn(message.content), 0);
    const problem = problemWith({ body, messages, promptTokens, model: name });
    if (problem !== undefined) return refuse(response, problem);
    fake.requests += 1;
    const answer = { text: answerTo(messages), promptTokens, model: name, id: `chatcmpl-${randomId(24)}` };
    const half = (fake.delayMs + (faults.has('model-slow') ? slowFaultMs : 0)) / 2;
    await pause(half);
    if (body.stream === true) {
      const withUsage = asRecord(body.stream_options).include_usage === true;
      return await stream(response, { answer, withUsage, delay: half, pause, isCut });
    }
    await pause(half);
    if (isCut()) response.destroy();
    else response.json(completion(answer));
  };
}

/** HTTP status, code and text of a refusal. */
type Refusal = [status: number, code: string, message: string];

function refuse(response: Response, [status, code, message]: Refusal): void {
  const type = status >= 500 ? 'server_error' : 'invalid_request_error';
  response.status(status).json({ error: { message, type, param: null, code } });
}

function guard(apiKey: string, faults: FaultSet): RequestHandler {
  return (request, response, next) => {
    const wrongKey = request.get('authorization') !== `Bearer ${apiKey}`;
    if (wrongKey || faults.has('model-401')) refuse(response, [401, 'invalid_api_key', 'Incorrect API key provided.']);
    else if (faults.has('model-500')) refuse(response, [500, 'internal_error', 'The server had an error.']);
    else next();
  };
}

function readMessages(value: unknown): ChatMessage[] {
  if (!Array.isArray(value)) return [];
  return value.map(asRecord).map((message) => ({ role: asText(message.role), content: asText(message.content) }));
}

function problemWith(request: {
  body: Record<string, unknown>;
  messages: ChatMessage[];
  promptTokens: number;
  model: string;
}): Refusal | undefined {
  const { body, messages, promptTokens, model } = request;
  if (body.model !== model) return [404, 'model_not_found', `The model \`${asText(body.model)}\` does not exist.`];
  if (messages.length === 0) return [400, 'invalid_value', 'messages must be a list with at least one message.'];
  if (!messages.every((message) => ['system', 'user', 'assistant'].includes(message.role))) {
    return [400, 'invalid_value', 'role must be system, user or assistant.'];
  }
  if (promptTokens <= contextTokens) return undefined;
  const text = `This model's maximum context length is ${contextTokens} tokens; the messages hold ${promptTokens}.`;
  return [400, 'context_length_exceeded', text];
}
