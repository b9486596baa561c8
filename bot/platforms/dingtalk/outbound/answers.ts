// Judges what DingTalk answered: HTTP 200 is no success, and a page may come from the protection before the API.
import { z } from 'zod';
import type { SendFailure, SendResult } from '../../../domain/delivery.ts';
import type { HttpResponse } from '../../../http-client/http-client.ts';
import { shorten } from '../../../http-client/shorten.ts';
import { lenient } from '../../shared/optional.ts';
import { resultOfFailure } from '../../shared/platform-call.ts';
import { classifyDingtalk } from './codes.ts';

// Only what tells success from refusal has to be readable; words and ids beside it are left out otherwise.
const list = lenient(z.array(z.unknown()));
const words = lenient(z.string());
const sentAnswer = z.looseObject({
  processQueryKey: z.string(),
  invalidStaffIdList: list,
  flowControlledStaffIdList: list,
});
const newError = z.looseObject({ code: z.string(), message: words, requestid: words });
/** The platform's own examples have both forms. */
const number = z.union([z.number(), z.stringFormat('digits', /^-?\d+$/).transform(Number)]);
/** Code 88 stands for all failures of authorisation; the real one is in `sub_code`. */
const oldAnswer = z
  .looseObject({
    errcode: number,
    errmsg: words,
    sub_code: lenient(number),
    sub_msg: words,
  })
  .transform((answer) =>
    // A sub_code of 0 names no reason, and is no success.
    answer.errcode === 88 && answer.sub_code
      ? { code: answer.sub_code, message: answer.sub_msg ?? answer.errmsg }
      : { code: answer.errcode, message: answer.errmsg },
  );

/** Answer of a webhook, which gives no id: `messageId` stands for it. */
export function classifyWebhookAnswer(response: HttpResponse, messageId: string): SendResult {
  const answer = oldAnswer.safeParse(response.json);
  if (answer.success && answer.data.code === 0) return { outcome: 'sent', platformMessageId: messageId };
  return notSent(response);
}

/** Answer of the API. 200 is not delivery: the two lists name who did not get the message. */
export function classifyApiAnswer(response: HttpResponse): SendResult {
  const sent = sentAnswer.safeParse(response.json);
  if (!sent.success) return notSent(response);
  const { processQueryKey, invalidStaffIdList = [], flowControlledStaffIdList = [] } = sent.data;
  const base = { stage: 'send', message: 'named in the answer to an accepted call' } as const;
  if (invalidStaffIdList.length > 0)
    return resultOfFailure({ ...base, class: 'target_gone', code: 'invalidStaffIdList' });
  if (flowControlledStaffIdList.length > 0) {
    return resultOfFailure({ ...base, class: 'rate_limited', code: 'flowControlledStaffIdList' });
  }
  return { outcome: 'sent', platformMessageId: processQueryKey };
}

/**
 * A gateway that gave up waiting does not know what became of the message. A success without a body may be one. There is
 * no key to repeat the message with.
 */
function notSent(response: HttpResponse): SendResult {
  const failure = failureOf(response, 'send');
  const isSuccess = response.status < 300 && response.text.trim() === '';
  return response.status === 504 || isSuccess ? { outcome: 'unknown', failure } : resultOfFailure(failure);
}

/** What was refused, in the words of either API. */
export function failureOf(response: HttpResponse, stage: 'token' | 'send'): SendFailure {
  const fresh = newError.safeParse(response.json).data;
  const found = fresh ?? oldAnswer.safeParse(response.json).data;
  const message = shorten(found ? found.message : response.text);
  const retryAfterMs = pauseOf(response, found?.code);
  return {
    class: classifyDingtalk(found?.code, message, response.status),
    stage,
    code: found === undefined ? `HTTP ${response.status}` : String(found.code),
    message,
    ...(fresh?.requestid ? { logId: fresh.requestid } : {}),
    ...(retryAfterMs ? { retryAfterMs } : {}),
  };
}

/** The protection by address bars for `wait` minutes and says so in a page ("API 限流": 5 minutes). */
const barred = z.looseObject({ status: z.literal(1111), wait: z.number().positive() });

/** A robot that sent more than 20 messages in a minute is blocked for 10 minutes. */
const BLOCKED_MS = 600_000;
export const BLOCKED_CODES: readonly unknown[] = [130101, 410100];

/** How long the platform wants to be left alone, where it says so. */
function pauseOf({ headers, json }: HttpResponse, code: string | number | undefined): number | undefined {
  const seconds = Number(headers.get('retry-after'));
  if (seconds > 0) return seconds * 1000;
  if (BLOCKED_CODES.includes(code)) return BLOCKED_MS;
  const page = barred.safeParse(json).data;
  return page && page.wait * 60_000;
}
