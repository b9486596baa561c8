// The fake `oapi.dingtalk.com`: old tokens, session webhooks and the custom group robot. HTTP is always 200.
import express, { type Request, type RequestHandler, type Router } from 'express';
import { randomId } from '../common/ids.ts';
import { asRecord, asText } from '../common/json-body.ts';
import { createRateWindow } from '../common/rate-window.ts';
import { robotSign } from './crypto.ts';
import { OldApiRefusal } from './errors.ts';
import type { OpenApiDeps } from './open-api.ts';

const blockedMs = 600_000;
const windowMs = 3_600_000;

/** Token and secret of the lab's one custom robot. */
export interface CustomRobot {
  token: string;
  secret: string;
  /** When not empty, a message must hold one of them. Tests change it. */
  keywords: string[];
}

/** What the old API needs. */
export interface OldApiDeps extends OpenApiDeps {
  robot: CustomRobot;
}

/** Builds the router. */
export function createOldApi(deps: OldApiDeps): Router {
  const { app, faults, tokens } = deps;
  const router = express.Router();
  const body = [requireJson, express.json({ limit: '4mb' })];

  router.get('/gettoken', (request, response) => {
    const { appkey, appsecret } = request.query;
    const known = appkey === app.appKey && appsecret === app.appSecret;
    if (!known || faults.has('dingtalk-secret-rotated')) throw new OldApiRefusal(40089, '不合法的corpid或corpsecret');
    const { token, expiresInSeconds } = tokens.issue();
    response.json({ errcode: 0, errmsg: 'ok', access_token: token, expires_in: expiresInSeconds });
  });
  router.post('/robot/sendBySession', body, sendBySession(deps));
  router.post('/robot/send', body, sendAsCustomRobot(deps));
  router.use(['/robot/send', '/robot/sendBySession'], () => {
    throw new OldApiRefusal(43002, 'require POST method');
  });
  router.use((_request, response) => void response.status(404).json({ errcode: 404, errmsg: '请求的URI地址不存在' }));
  return router;
}

const requireJson: RequestHandler = (request, _response, next) => {
  if (request.is('json')) next();
  else throw new OldApiRefusal(43004, 'Content-Type must be application/json');
};

function sendBySession({ directory, faults, log, now }: OldApiDeps): RequestHandler {
  return (request, response) => {
    const chatId = directory.chatOfSession(asText(request.query.session));
    if (chatId === undefined || faults.has('dingtalk-session-expired'))
      throw new OldApiRefusal(300001, 'session 不存在');
    const { text, type } = checkMessage(request);
    const messageId = randomId(32);
    response.json({ errcode: 0, errmsg: 'ok' });
    log.add({ messageId, chatId, text, type, via: 'session', uuid: null, replyTo: null, at: now() });
  };
}

function sendAsCustomRobot({ robot, log, limitsRates, now }: OldApiDeps): RequestHandler {
  const perMinute = createRateWindow(20, 60_000, now);
  let blockedUntil = 0;
  return (request, response) => {
    const token = asText(request.query.access_token);
    if (token === '') throw new OldApiRefusal(40035, '缺少参数 access_token');
    if (token !== robot.token) throw new OldApiRefusal(300005, 'token is not exist');
    checkSign(request, robot.secret, now());
    const { text, type } = checkMessage(request);
    const { keywords } = robot;
    if (keywords.length > 0 && !keywords.some((word) => JSON.stringify(request.body).includes(word))) {
      throw new OldApiRefusal(310000, 'keywords not in content');
    }
    if (limitsRates() && (blockedUntil > now() || !perMinute(token))) {
      if (blockedUntil <= now()) blockedUntil = now() + blockedMs;
      throw new OldApiRefusal(130101, 'send too fast, exceed 20 times per minute');
    }
    response.json({ errcode: 0, errmsg: 'ok' });
    const message = { messageId: randomId(32), chatId: token, text, type, via: 'robot' };
    log.add({ ...message, uuid: null, replyTo: null, at: now() });
  };
}

function checkSign(request: Request, secret: string, now: number): void {
  const timestamp = asText(request.query.timestamp);
  const fresh = timestamp !== '' && Math.abs(now - Number(timestamp)) <= windowMs;
  if (!fresh) throw new OldApiRefusal(310000, 'invalid timestamp');
  if (request.query.sign !== robotSign(timestamp, secret)) throw new OldApiRefusal(310000, 'sign not match');
}

/** Where the text of each message type is. */
const textField: Readonly<Record<string, string>> = {
  text: 'content',
  markdown: 'text',
  actionCard: 'text',
  link: 'text',
};

function checkMessage(request: Request): { text: string; type: string } {
  const body = asRecord(request.body);
  const type = asText(body.msgtype);
  if (type === '') throw new OldApiRefusal(40035, '缺少参数 json');
  const field = textField[type];
  if (field === undefined) throw new OldApiRefusal(400105, 'unsupported msgtype');
  const text = asText(asRecord(body[type])[field]);
  if (text.trim() === '') throw new OldApiRefusal(300001, `${type}.${field} is null`);
  if (type !== 'text' && type !== 'link' && asText(asRecord(body[type]).title) === '') {
    throw new OldApiRefusal(300001, `${type}.title is null`);
  }
  return { text, type };
}
