// DingTalk's custom group robot, which receives alerts: security settings, rate limit, idempotency keys.
import type { Request, RequestHandler } from 'express';
import { BoundedMap } from '../common/bounded-map.ts';
import { randomId } from '../common/ids.ts';
import { asRecord, asText } from '../common/json-body.ts';
import { createRateWindow } from '../common/rate-window.ts';
import { robotSign } from './crypto.ts';
import { OldApiError } from './errors.ts';

import type { OpenApiDeps } from './open-api.ts';
import { checkWebhookMessage } from './webhook-message.ts';

const blockedMs = 600_000;
const windowMs = 3_600_000;

/** The lab's one custom robot. A message must satisfy all settings that are on. Tests change the settings. */
export interface CustomRobot {
  token: string;
  secret: string;
  /** If not empty, a message must contain one of them. */
  keywords: string[];
  /** If not empty, only these addresses may send. */
  allowedIps: string[];
  /** Language of the error texts: the platform uses older English texts or newer Chinese texts. */
  language: 'english' | 'chinese';
}

const errorTexts = {
  keyword: { english: 'keywords not in content', chinese: '关键词不匹配' },
  timestamp: { english: 'invalid timestamp', chinese: '机器人发送签名过期' },
  sign: { english: 'sign not match', chinese: '签名不匹配' },
} as const;

/** Dependencies of the custom robot. */
export interface CustomRobotDeps extends OpenApiDeps {
  robot: CustomRobot;
}

/** Builds the handler of `/robot/send`. */
export function sendAsCustomRobot({ robot, log, limitsRates, now }: CustomRobotDeps): RequestHandler {
  const perMinute = createRateWindow(20, 60_000, now);
  const known = new BoundedMap<string, true>(1_000);
  let blockedUntil = 0;

  function limit(): void {
    if (!limitsRates() || (blockedUntil <= now() && perMinute(robot.token))) return;
    if (blockedUntil <= now()) blockedUntil = now() + blockedMs;
    throw new OldApiError(130101, 'send too fast, exceed 20 times per minute');
  }

  return (request, response) => {
    checkToken(request, robot);
    checkSecurity(request, robot, now());
    const message = checkWebhookMessage(request.body);
    limit();
    response.json({ errcode: 0, errmsg: 'ok' });
    const uuid = asText(asRecord(request.body).msgUuid) || null;
    // A repeated key is accepted, but logged only once.
    if (uuid !== null && known.has(uuid)) return;
    if (uuid !== null) known.set(uuid, true);
    log.add({ messageId: randomId(32), chatId: robot.token, ...message, via: 'robot', uuid, replyTo: null, at: now() });
  };
}

function checkToken(request: Request, robot: CustomRobot): void {
  const token = asText(request.query.access_token);
  if (token === '') throw new OldApiError(40035, '缺少参数 access_token');
  if (token !== robot.token) throw new OldApiError(300005, 'token is not exist');
}

function checkSecurity(request: Request, robot: CustomRobot, now: number): void {
  const securityError = (english: string, chinese: string) => {
    const errmsg = robot.language === 'english' ? english : `错误描述:${chinese};解决方案:请查看此机器人的安全设置;`;
    return new OldApiError(310000, errmsg);
  };
  const timestamp = asText(request.query.timestamp);
  const fresh = timestamp !== '' && Math.abs(now - Number(timestamp)) <= windowMs;
  if (!fresh) throw securityError(errorTexts.timestamp.english, errorTexts.timestamp.chinese);
  if (request.query.sign !== robotSign(timestamp, robot.secret))
    throw securityError(errorTexts.sign.english, errorTexts.sign.chinese);
  const ip = request.socket.remoteAddress ?? '';
  if (robot.allowedIps.length > 0 && !robot.allowedIps.includes(ip)) {
    throw securityError(`ip ${ip} not in whitelist`, `ip ${ip} 不在白名单之内`);
  }
  const text = JSON.stringify(request.body);
  if (robot.keywords.length > 0 && !robot.keywords.some((keyword) => text.includes(keyword))) {
    throw securityError(errorTexts.keyword.english, errorTexts.keyword.chinese);
  }
}
