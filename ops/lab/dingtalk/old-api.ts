// The fake `oapi.dingtalk.com`: old tokens, session webhooks and the custom group robot. HTTP is always 200.
import express, { type RequestHandler, type Router } from 'express';
import { randomId } from '../common/ids.ts';
import { asText } from '../common/json-body.ts';
import { type CustomRobotDeps, sendAsCustomRobot } from './custom-robot.ts';
import { OldApiError } from './errors.ts';
import type { OpenApiDeps } from './open-api.ts';
import { checkWebhookMessage } from './webhook-message.ts';

/** Builds the router. */
export function createOldApi(deps: CustomRobotDeps): Router {
  const { app, faults, tokens } = deps;
  const router = express.Router();
  const body = [requireJson, express.json({ limit: '4mb' })];

  router.get('/gettoken', (request, response) => {
    const { appkey, appsecret } = request.query;
    const known = appkey === app.appKey && appsecret === app.appSecret;
    if (!known || faults.has('dingtalk-secret-rotated')) throw new OldApiError(40089, '不合法的corpid或corpsecret');
    const { token, expiresInSeconds } = tokens.issue();
    response.json({ errcode: 0, errmsg: 'ok', access_token: token, expires_in: expiresInSeconds });
  });
  router.post('/robot/sendBySession', body, sendBySession(deps));
  router.post('/robot/send', body, sendAsCustomRobot(deps));
  router.use(['/robot/send', '/robot/sendBySession'], () => {
    throw new OldApiError(43002, 'require POST method');
  });
  router.use((_request, response) => void response.status(404).json({ errcode: 404, errmsg: '请求的URI地址不存在' }));
  return router;
}

const requireJson: RequestHandler = (request, _response, next) => {
  if (request.is('json')) next();
  else throw new OldApiError(43004, 'Content-Type must be application/json');
};

function sendBySession({ directory, faults, log, now }: OpenApiDeps): RequestHandler {
  return (request, response) => {
    const chatId = directory.chatOfSession(asText(request.query.session));
    if (chatId === undefined || faults.has('dingtalk-session-expired')) throw new OldApiError(300001, 'session 不存在');
    const message = checkWebhookMessage(request.body);
    response.json({ errcode: 0, errmsg: 'ok' });
    log.add({ messageId: randomId(32), chatId, ...message, via: 'session', uuid: null, replyTo: null, at: now() });
  };
}
