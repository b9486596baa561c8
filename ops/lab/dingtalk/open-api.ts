// The fake `api.dingtalk.com`: access tokens and sending as the robot.
import express, { type RequestHandler, type Router } from 'express';
import { randomId } from '../common/ids.ts';
import { asRecord, asText, parseRecord } from '../common/json-body.ts';
import { createRateWindow } from '../common/rate-window.ts';
import type { SentLog } from '../common/sent-log.ts';
import type { TokenStore } from '../common/token-store.ts';
import type { LabCredentials } from '../credentials.ts';
import type { FaultSet } from '../faults.ts';
import type { Directory } from './directory.ts';
import { OpenApiError } from './errors.ts';
import { type DisplayedMessage, readTemplate } from './shapes.ts';

/** Dependencies of the API. */
export interface OpenApiDeps {
  app: LabCredentials['dingtalk'];
  faults: FaultSet;
  directory: Directory;
  tokens: TokenStore;
  log: SentLog;
  limitsRates(): boolean;
  /** Employees who receive no more messages for now. */
  flowControlled: ReadonlySet<string>;
  now(): number;
}

/** Builds the router for `/v1.0`. */
export function createOpenApi(deps: OpenApiDeps): Router {
  const { app, faults, tokens } = deps;
  const router = express.Router();
  router.use(express.json({ limit: '4mb', type: () => true }));

  router.post('/oauth2/accessToken', (request, response) => {
    const { appKey, appSecret } = asRecord(request.body);
    const known = appKey === app.appKey && appSecret === app.appSecret;
    if (!known || faults.has('dingtalk-secret-rotated')) {
      throw new OpenApiError('invalidClientIdOrSecret', '无效的clientId或者clientSecret');
    }
    const { token, expiresInSeconds } = tokens.issue();
    response.json({ accessToken: token, expireIn: expiresInSeconds });
  });
  router.use((request, _response, next) => {
    if (tokens.check(request.get('x-acs-dingtalk-access-token') ?? '') === 'valid') next();
    else throw new OpenApiError('InvalidAuthentication', '不合法的access_token');
  });
  router.post('/robot/oToMessages/batchSend', limitPerSecond(deps), sendToPeople(deps));
  router.post('/robot/groupMessages/send', limitPerSecond(deps), sendToGroup(deps));
  router.use(() => {
    throw new OpenApiError('resource.not.found', 'the path does not exist');
  });
  return router;
}

function limitPerSecond({ limitsRates, now }: OpenApiDeps): RequestHandler {
  const window = createRateWindow(20, 1_000, now);
  return (_request, _response, next) => {
    if (!limitsRates() || window('app')) next();
    else throw new OpenApiError('Forbidden.AccessDenied.QpsLimitForAppkeyAndApi', 'over 20 calls a second');
  };
}

function sendToPeople({ app, directory, flowControlled, log, now }: OpenApiDeps): RequestHandler {
  return (request, response) => {
    const body = asRecord(request.body);
    checkRobotCode(body.robotCode, app.robotCode);
    const userIds = (Array.isArray(body.userIds) ? body.userIds : []).map(asText);
    if (userIds.length === 0) throw new OpenApiError('invalidParameter.userIds.empty', 'userIds is empty');
    if (userIds.length > 20) throw new OpenApiError('invalidParameter.userIds.overMax', 'more than 20 userIds');
    if (userIds.some((id) => id.startsWith('$:LWCP'))) {
      throw new OpenApiError('staffId.notExisted', 'a senderId is not a userId; use senderStaffId');
    }
    const message = checkMessage(body);
    const processQueryKey = randomId(32);
    const invalidStaffIdList = userIds.filter((id) => directory.chatWith(id) === undefined);
    const flowControlledStaffIdList = userIds.filter((id) => flowControlled.has(id));
    response.json({ processQueryKey, invalidStaffIdList, flowControlledStaffIdList });
    for (const id of userIds) {
      const chatId = directory.chatWith(id);
      if (chatId === undefined || flowControlled.has(id)) continue;
      log.add({ messageId: processQueryKey, chatId, ...message, via: 'oto', uuid: null, replyTo: null, at: now() });
    }
  };
}

function sendToGroup({ app, directory, log, now }: OpenApiDeps): RequestHandler {
  return (request, response) => {
    const body = asRecord(request.body);
    checkRobotCode(body.robotCode, app.robotCode);
    const chatId = asText(body.openConversationId);
    if (chatId === '') throw new OpenApiError('miss.openConversationId', 'openConversationId is missing');
    if (!directory.knowsGroup(chatId)) {
      throw new OpenApiError('invalid.openConversationId', 'no such group, or the robot is not in it');
    }
    const message = checkMessage(body);
    const messageId = randomId(32);
    response.json({ processQueryKey: messageId });
    log.add({ messageId, chatId, ...message, via: 'group', uuid: null, replyTo: null, at: now() });
  };
}

function checkRobotCode(given: unknown, own: string): void {
  if (asText(given) === '') throw new OpenApiError('invalidParameter.robotCode.empty', 'robotCode is empty');
  if (given !== own) throw new OpenApiError('invalidParameter.robotCode.notExsit', 'robot does not exist');
}

function checkMessage(body: Record<string, unknown>): DisplayedMessage {
  const msgKey = asText(body.msgKey);
  if (Buffer.byteLength(asText(body.msgParam)) > 15_000) {
    throw new OpenApiError('invalidParameter.msgParam.tooLong', 'msgParam is longer than 15000 bytes');
  }
  const message = readTemplate(msgKey, parseRecord(body.msgParam) ?? {});
  if ('unknownType' in message) throw new OpenApiError('invalidParameter.msgKey.invalid', 'msgKey is unknown');
  if ('missing' in message) {
    throw new OpenApiError('invalidParameter.msgParam.invalid', `msgParam must be JSON text with ${message.missing}`);
  }
  return message;
}
