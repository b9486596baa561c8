// The playground: the page's files and the JSON API behind it.
import { join } from 'node:path';
import express, { type ErrorRequestHandler, type Express, type RequestHandler, type Response } from 'express';
import { projectRoot } from '../../installation/project-root.ts';
import type { CallbackAnswer } from '../common/deliver.ts';
import { asRecord } from '../common/json-body.ts';
import type { LabEvents } from '../common/lab-events.ts';
import type { MessageIds } from '../dingtalk/deliver-events.ts';
import type { FakeDingtalk } from '../dingtalk/fake-dingtalk.ts';
import { type FaultName, type FaultSet, isFaultName, faults as knownFaults } from '../faults.ts';
import type { FakeFeishu } from '../feishu/fake-feishu.ts';
import { createEventStream } from './event-stream.ts';
import { guardAgainstOtherSites, setSecurityHeaders } from './guard.ts';

const maxTextBytes = 200_000;

/** Dependencies of the playground. */
export interface PlaygroundDeps {
  botUrl: string;
  botStatusUrl: string;
  feishu: FakeFeishu;
  dingtalk: FakeDingtalk;
  faults: FaultSet;
  setFault(name: FaultName, on: boolean): Promise<void>;
  events: LabEvents;
}

/** Creates the page's server. `stop` ends the event streams. */
export function createPlayground(deps: PlaygroundDeps): { handler: Express; stop(): void } {
  // The page is not compiled, so it is served from the source folder, even if this file runs from dist/.
  const pageFolder = join(projectRoot(), 'ops', 'lab', 'page');
  const stopped = new AbortController();
  const handler = express();
  handler.disable('x-powered-by');
  handler.use(setSecurityHeaders);
  handler.get('/healthz', (_request, response) => void response.json({ ok: true }));
  handler.use(guardAgainstOtherSites);
  handler.get('/api/state', (_request, response) => void response.json(stateOf(deps)));
  handler.get('/api/events', createEventStream(deps.events, stopped.signal));
  const readJson = express.json({ limit: '1mb' });
  handler.post('/api/feishu/messages', readJson, sendMessage(deps.feishu));
  handler.post('/api/dingtalk/messages', readJson, sendMessage(deps.dingtalk));
  handler.post('/api/faults/:name', readJson, switchFault(deps));
  handler.use(express.static(pageFolder));
  handler.use((_request, response) => fail(response, 404, 'Not found. The playground is at /.'));
  handler.use(answerErrors);
  return { handler, stop: () => stopped.abort() };
}

function stateOf({ botUrl, botStatusUrl, faults, events }: PlaygroundDeps): object {
  return {
    botUrl,
    botStatusUrl,
    faults: knownFaults.map((fault) => ({ ...fault, on: faults.has(fault.name) })),
    events: events.history,
  };
}

// Answers after the first attempt. Redeliveries continue and are reported by the event stream.
function sendMessage(fake: FakeFeishu | FakeDingtalk): RequestHandler {
  return async (request, response) => {
    const { text, chatId } = asRecord(request.body);
    if (typeof text !== 'string' || text.trim() === '') return fail(response, 400, 'Type a message first.');
    if (Buffer.byteLength(text) > maxTextBytes) return fail(response, 413, 'The message is longer than 200 kB.');
    if (chatId !== undefined && typeof chatId !== 'string') return fail(response, 400, 'chatId must be text.');
    const first = await new Promise<CallbackAnswer & MessageIds>((resolve) => {
      void fake.sendText({ text, chatId, userId: 'playground', onAttempt: resolve });
    });
    const { messageId, status, ackMs, error } = first;
    response.status(error === null ? 200 : 502).json({ messageId, chatId: first.chatId, status, ackMs, error });
  };
}

function switchFault({ setFault }: PlaygroundDeps): RequestHandler {
  return async (request, response) => {
    const name = String(request.params.name);
    const { on } = asRecord(request.body);
    if (!isFaultName(name)) return fail(response, 404, `No fault is called ${name}. See GET /api/state.`);
    if (typeof on !== 'boolean') return fail(response, 400, 'Send {"on": true} or {"on": false}.');
    await setFault(name, on);
    response.json({ name, on });
  };
}

function fail(response: Response, status: number, error: string): void {
  response.status(status).json({ error });
}

const answerErrors: ErrorRequestHandler = (error: unknown, _request, response, _next) => {
  const unreadable = error instanceof Error && 'status' in error && Number(error.status) < 500;
  if (unreadable) fail(response, 400, 'Send JSON with content-type application/json.');
  else fail(response, 500, error instanceof Error ? error.message : 'The lab failed. Restart it with: make lab');
};
