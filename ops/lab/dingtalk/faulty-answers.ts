// What DingTalk answers to messages while a fault is on: session webhooks and robot API each in their own shape.
import type { RequestHandler } from 'express';
import { loseAnswer } from '../common/lose-answer.ts';
import type { FaultSet } from '../faults.ts';
import { OldApiError, OpenApiError } from './errors.ts';

/** The handler to put in front of whatever takes a message. */
export function createFaultyAnswers(faults: FaultSet): RequestHandler {
  return (request, response, next) => {
    const isWebhook = request.baseUrl === '/robot/sendBySession';
    if (faults.has('dingtalk-rate-limited')) {
      throw isWebhook
        ? new OldApiError(130101, 'send too fast, exceed 20 times per minute')
        : new OpenApiError('Forbidden.AccessDenied.QpsLimitForAppkeyAndApi', 'over 20 calls a second');
    }
    if (faults.has('dingtalk-500')) return void response.status(500).send('<html>500 Internal Server Error</html>');
    if (faults.has('dingtalk-200-with-error')) {
      const busy = isWebhook
        ? { errcode: -1, errmsg: 'system busy' }
        : { code: 'system.error', message: 'system error' };
      return void response.json(busy);
    }
    if (faults.has('dingtalk-answer-lost')) loseAnswer(response);
    next();
  };
}

/** The protection in front of all hosts, which bars an address that called too often: a page without an error code. */
export function barWhile(faults: FaultSet): RequestHandler {
  const page = JSON.stringify({ status: 1111, wait: 5, source: 'x5', punish: 'deny', uuid: 'lab' });
  return (_request, response, next) => {
    if (faults.has('dingtalk-barred')) response.type('html').send(page);
    else next();
  };
}
