// The custom group robot of DingTalk, which alerts are posted to: its security settings, its limit, its memory of keys.
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

/** The lab's one custom robot. All settings that are on must be met; tests change them. */
export interface CustomRobot {
  token: string;
  secret: string;
  /** When not empty, a message must hold one of them. */
  keywords: string[];
  /** When not empty, only these addresses may send. */
  allowedIps: string[];
  /** The platform refuses in older English or in newer Chinese words. */
  language: 'english' | 'chinese';
}

const words = {
  keyword: { english: 'keywords not in content', chinese: '关键词不匹配' },
  timestamp: { english: 'invalid timestamp', chinese: '机器人发送签名过期' },
  sign: { english: 'sign not match', chinese: '签名不匹配' },
} as const;

/** What the custom robot needs. */
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
    const shown = checkWebhookMessage(request.body);
    limit();
    response.json({ errcode: 0, errmsg: 'ok' });
    const uuid = asText(asRecord(request.body).msgUuid) || null;
    // The same key again: taken, and shown only once.
    if (uuid !== null && known.has(uuid)) return;
    if (uuid !== null) known.set(uuid, true);
    log.add({ messageId: randomId(32), chatId: robot.token, ...shown, via: 'robot', uuid, replyTo: null, at: now() });
  };
}

function checkToken(request: Request, robot: CustomRobot): void {
  const token = asText(request.query.access_token);
  if (token === '') throw new OldApiError(40035, '缺少参数 access_token');
  if (token !== robot.token) throw new OldApiError(300005, 'token is not exist');
}

function checkSecurity(request: Request, robot: CustomRobot, now: number): void {
  const refuse = (english: string, chinese: string) => {
    const errmsg = robot.language === 'english' ? english : `错误描述:${chinese};解决方案:请查看此机器人的安全设置;`;
    return new OldApiError(310000, errmsg);
  };
  const timestamp = asText(request.query.timestamp);
  const fresh = timestamp !== '' && Math.abs(now - Number(timestamp)) <= windowMs;
  if (!fresh) throw refuse(words.timestamp.english, words.timestamp.chinese);
  if (request.query.sign !== robotSign(timestamp, robot.secret)) throw refuse(words.sign.english, words.sign.chinese);
  const ip = request.socket.remoteAddress ?? '';
  if (robot.allowedIps.length > 0 && !robot.allowedIps.includes(ip)) {
    throw refuse(`ip ${ip} not in whitelist`, `ip ${ip} 不在白名单之内`);
  }
  const text = JSON.stringify(request.body);
  if (robot.keywords.length > 0 && !robot.keywords.some((word) => text.includes(word))) {
    throw refuse(words.keyword.english, words.keyword.chinese);
  }
}
