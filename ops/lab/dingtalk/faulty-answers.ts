// Answers messages with errors while a fault is on, in the shape of session webhooks or of the robot API.
import type { RequestHandler } from 'express';
import { loseAnswer } from '../common/lose-answer.ts';
import type { FaultSet } from '../faults.ts';
import { OldApiError, OpenApiError } from './errors.ts';

/** Creates the handler that runs before the handlers of messages. */
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

/** Simulates the protection of all hosts: an address that called too often gets a page without an error code. */
export function barWhile(faults: FaultSet): RequestHandler {
  const page = JSON.stringify({ status: 1111, wait: 5, source: 'x5', punish: 'deny', uuid: 'lab' });
  return (_request, response, next) => {
    if (faults.has('dingtalk-barred')) response.type('html').send(page);
    else next();
  };
}
