// The fake `/open-apis` of Feishu: tokens, sending and replying, bot information.
import express, { type Request, type RequestHandler, type Router } from 'express';
import { asRecord, asText } from '../common/json-body.ts';
import { loseAnswer } from '../common/lose-answer.ts';
import { createTokenStore } from '../common/token-store.ts';
import type { FaultSet } from '../faults.ts';
import { type AcceptDeps, createAccept } from './accept-message.ts';
import type { ChatType, Directory } from './directory.ts';
import { FeishuApiError, sendError } from './errors.ts';
import { findReceiver } from './find-receiver.ts';
import type { LabMessage } from './message-store.ts';
import { createPatch } from './patch-message.ts';

const renewBelowMs = 1_800_000;

/** Dependencies of the API. */
export interface OpenApiDeps extends AcceptDeps {
  faults: FaultSet;
  directory: Directory;
  readable: Readonly<Record<ChatType, boolean>>;
}

/** Builds the router. */
export function createOpenApi(deps: OpenApiDeps): Router {
  const { app, faults, now } = deps;
  const tokens = createTokenStore('t-', { kind: 'replace', whenRemainingBelowMs: renewBelowMs }, now);
  const router = express.Router();
  router.use(express.json({ limit: '4mb', type: () => true }));

  router.post('/auth/v3/tenant_access_token/internal', (request, response) => {
    const { app_id: id, app_secret: secret } = asRecord(request.body);
    if (asText(id) === '' || asText(secret) === '') throw new FeishuApiError(10003);
    if (id !== app.appId) throw new FeishuApiError(99991543);
    if (secret !== app.appSecret || faults.has('feishu-secret-revoked')) throw new FeishuApiError(10014);
    const { token, expiresInSeconds } = tokens.issue();
    response.json({ code: 0, msg: 'ok', tenant_access_token: token, expire: expiresInSeconds });
  });

  router.use((request, _response, next) => {
    const tokenState = tokens.check(bearerToken(request));
    if (tokenState !== 'valid' || faults.has('feishu-secret-revoked')) throw new FeishuApiError(99991663);
    next();
  });

  router.get('/bot/v3/info', (_request, response) => {
    const bot = { activate_status: 2, app_name: 'Lab bot', avatar_url: '', ip_white_list: [], open_id: app.botOpenId };
    response.json({ code: 0, msg: 'ok', bot });
  });
  router.use('/im/v1/messages', createFaultyAnswers(faults));
  const accept = createAccept(deps);
  router.post('/im/v1/messages', (request, response) => {
    const chatId = findReceiver(request, deps.directory);
    const data = accept({ body: asRecord(request.body), chatId, replyTo: null });
    response.json({ code: 0, msg: 'success', data });
  });
  router.post('/im/v1/messages/:id/reply', (request, response) => {
    const { id } = request.params;
    const message = deps.messages.get(id);
    if (message === undefined) throw new FeishuApiError(99992354);
    if (message.recalled) throw new FeishuApiError(230011);
    const data = accept({ body: asRecord(request.body), chatId: message.chatId, replyTo: id });
    response.json({ code: 0, msg: 'success', data });
  });
  router.get('/im/v1/messages/:id', (request, response) => {
    const message = deps.messages.get(request.params.id);
    if (message?.stored === undefined) throw new FeishuApiError(99992354);
    if (message.chatType !== undefined && !deps.readable[message.chatType]) throw new FeishuApiError(230027);
    const items = [{ ...message.stored, ...flattened(message), deleted: message.recalled ?? false }];
    response.json({ code: 0, msg: 'success', data: { items } });
  });
  const patch = createPatch(deps);
  router.patch('/im/v1/messages/:id', (request, response) => {
    patch(request.params.id, asRecord(request.body));
    response.json({ code: 0, msg: 'success', data: {} });
  });
  router.use(() => {
    throw new FeishuApiError(99991201);
  });
  return router;
}

/** Replaces the content of a card by its texts, because the platform does not return a card as it was sent. */
function flattened({ sent }: LabMessage): object {
  if (sent?.type !== 'interactive') return {};
  return { body: { content: JSON.stringify({ title: '', elements: [[{ tag: 'text', text: sent.text }]] }) } };
}

function bearerToken(request: Request): string {
  const [, token] = /^Bearer (.+)$/.exec(request.get('authorization') ?? '') ?? [];
  if (token === undefined) throw new FeishuApiError(99991661);
  if (token.startsWith('u-')) throw new FeishuApiError(99991668);
  if (!token.startsWith('t-')) throw new FeishuApiError(99991671);
  return token;
}

function createFaultyAnswers(faults: FaultSet): RequestHandler {
  return (_request, response, next) => {
    if (faults.has('feishu-rate-limited')) {
      response.set({ 'x-ogw-ratelimit-limit': '50', 'x-ogw-ratelimit-reset': '1' });
      throw new FeishuApiError(99991400);
    }
    if (faults.has('feishu-500')) throw new FeishuApiError(5000);
    if (faults.has('feishu-answer-lost')) loseAnswer(response);
    if (faults.has('feishu-200-with-error')) sendError(response, new FeishuApiError(5000), 200);
    else next();
  };
}
