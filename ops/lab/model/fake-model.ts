// The fake model: an OpenAI-compatible chat completion server with predictable answers.
import { setMaxListeners } from 'node:events';
import type { IncomingHttpHeaders } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import express, { type ErrorRequestHandler, type Express, type RequestHandler } from 'express';
import { randomId } from '../common/ids.ts';
import { asRecord, asText } from '../common/json-body.ts';
import type { LabCredentials } from '../credentials.ts';
import type { FaultSet } from '../faults.ts';
import { answerTo, type ChatMessage, tokensIn } from './answer.ts';
import { completion, stream } from './completion.ts';
import { guard, problemWith, sendRejection } from './reject-request.ts';

const slowFaultMs = 2_000;
const slowStartMs = 5_000;
const keptRequests = 100;

/** A received request, also if it was rejected. */
export interface ReceivedRequest {
  path: string;
  headers: IncomingHttpHeaders;
  body: unknown;
}

/** The fake model for tests. */
export interface FakeModel {
  /** Number of requests whose answer was sent or begun. */
  readonly requests: number;
  /** The last 100 requests, newest last. */
  readonly received: ReceivedRequest[];
  /** Duration of an answer in milliseconds. Half of it passes before the first token. */
  delayMs: number;
  /** Maximum tokens of a request's messages. */
  contextTokens: number;
}

/** Dependencies of the fake. */
export interface FakeModelDeps {
  model: LabCredentials['model'];
  faults: FaultSet;
  delayMs: number;
}

/** Creates the fake. `handler` serves `/v1`, `stop` ends pending answers. */
export function createFakeModel({ model, faults, delayMs }: FakeModelDeps): {
  fake: FakeModel;
  handler: Express;
  stop(): void;
} {
  const stopped = new AbortController();
  // Every pending answer listens; Node would warn of a leak above its default of ten listeners.
  setMaxListeners(0, stopped.signal);
  const fake = { requests: 0, received: [], delayMs, contextTokens: 32_768 };
  const handler = express();
  handler.disable('x-powered-by');
  handler.use((_request, _response, next) => {
    if (!faults.has('model-stall')) next();
  });
  handler.use(express.json({ limit: '8mb', type: () => true }));
  handler.use(recordRequests(fake.received));
  handler.use(guard(model.apiKey, faults));
  handler.get('/v1/models', (_request, response) => {
    response.json({ object: 'list', data: [{ id: model.name, object: 'model', created: 0, owned_by: 'lab' }] });
  });
  handler.post('/v1/chat/completions', complete({ fake, name: model.name, faults, signal: stopped.signal }));
  handler.use((_request, response) =>
    sendRejection(response, [404, 'not_found', 'Unknown path. The API is below /v1.']),
  );
  const rejectOnError: ErrorRequestHandler = (error: unknown, _request, response, _next) => {
    if (response.headersSent || stopped.signal.aborted) response.destroy();
    else sendRejection(response, [400, 'invalid_json', error instanceof Error ? error.message : 'unreadable request']);
  };
  handler.use(rejectOnError);
  return { fake, handler, stop: () => stopped.abort() };
}

/** Stores the last requests. Their keys may be stored, because they were generated for the lab. */
function recordRequests(received: ReceivedRequest[]): RequestHandler {
  return ({ path, headers, body }, _response, next) => {
    received.push({ path, headers, body });
    if (received.length > keptRequests) received.shift();
    next();
  };
}

interface CompleteDeps {
  fake: Pick<FakeModel, 'delayMs' | 'contextTokens'> & { requests: number };
  name: string;
  faults: FaultSet;
  signal: AbortSignal;
}

function complete({ fake, name, faults, signal }: CompleteDeps): RequestHandler {
  const pause = (ms: number) => (ms < 1 ? undefined : wait(ms, undefined, { signal }));
  return async (request, response) => {
    const body = asRecord(request.body);
    const messages = readMessages(body.messages);
    const promptTokens = messages.reduce((sum, message) => sum + tokensIn(message.content), 0);
    const problem = problemWith({ body, messages, promptTokens, model: name, contextTokens: fake.contextTokens });
    if (problem !== undefined) return sendRejection(response, problem);
    fake.requests += 1;
    const answer = { text: answerTo(messages), promptTokens, model: name, id: `chatcmpl-${randomId(24)}` };
    const half = (fake.delayMs + (faults.has('model-slow') ? slowFaultMs : 0)) / 2;
    await pause(half + (faults.has('model-slow-start') ? slowStartMs : 0));
    if (body.stream === true && !faults.has('model-no-stream')) {
      const withUsage = asRecord(body.stream_options).include_usage === true;
      return await stream(response, { answer, withUsage, delay: half, pause, faults });
    }
    await pause(half);
    if (faults.has('model-stream-cut')) response.destroy();
    else response.json(completion(answer, faults));
  };
}

function readMessages(value: unknown): ChatMessage[] {
  if (!Array.isArray(value)) return [];
  return value.map(asRecord).map((message) => ({ role: asText(message.role), content: asText(message.content) }));
}
