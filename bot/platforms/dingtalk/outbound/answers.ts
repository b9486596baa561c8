// Classifies DingTalk's responses. HTTP 200 is no proof of success, and pages may come from the rate protection.
import { z } from 'zod';
import type { SendFailure, SendResult } from '../../../domain/delivery.ts';
import type { HttpResponse } from '../../../http-client/http-client.ts';
import { shorten } from '../../../http-client/shorten.ts';
import { lenient } from '../../shared/optional.ts';
import { resultOfFailure } from '../../shared/platform-call.ts';
import { classifyDingtalk } from './codes.ts';

// Only the members that distinguish success from rejection are required. Other unreadable texts and ids are omitted.
const list = lenient(z.array(z.unknown()));
const text = lenient(z.string());
const sentAnswer = z.looseObject({
  processQueryKey: z.string(),
  invalidStaffIdList: list,
  flowControlledStaffIdList: list,
});
const newError = z.looseObject({ code: z.string(), message: text, requestid: text });
/** DingTalk's own examples contain numbers and texts of digits. */
const number = z.union([z.number(), z.stringFormat('digits', /^-?\d+$/).transform(Number)]);
/** Code 88 stands for all authorisation failures. `sub_code` contains the cause. */
const oldAnswer = z
  .looseObject({
    errcode: number,
    errmsg: text,
    sub_code: lenient(number),
    sub_msg: text,
  })
  .transform((answer) =>
    // A `sub_code` of 0 is neither a cause nor a success.
    answer.errcode === 88 && answer.sub_code
      ? { code: answer.sub_code, message: answer.sub_msg ?? answer.errmsg }
      : { code: answer.errcode, message: answer.errmsg },
  );

/** Classifies the response of a webhook. It returns no message id, so `messageId` is used instead. */
export function classifyWebhookAnswer(response: HttpResponse, messageId: string): SendResult {
  const answer = oldAnswer.safeParse(response.json);
  if (answer.success && answer.data.code === 0) return { outcome: 'sent', platformMessageId: messageId };
  return notSent(response);
}

/** Classifies the response of the API. 200 does not mean delivered: two lists contain the users it did not reach. */
export function classifyApiAnswer(response: HttpResponse): SendResult {
  const sent = sentAnswer.safeParse(response.json);
  if (!sent.success) return notSent(response);
  const { processQueryKey, invalidStaffIdList = [], flowControlledStaffIdList = [] } = sent.data;
  const base = {
    stage: 'send',
    message: 'the call was accepted, but the response lists the user as not reached',
  } as const;
  if (invalidStaffIdList.length > 0)
    return resultOfFailure({ ...base, class: 'target_gone', code: 'invalidStaffIdList' });
  if (flowControlledStaffIdList.length > 0) {
    return resultOfFailure({ ...base, class: 'rate_limited', code: 'flowControlledStaffIdList' });
  }
  return { outcome: 'sent', platformMessageId: processQueryKey };
}

/**
 * Returns the failure. After a gateway timeout (504) or a success without a body, the outcome is unknown. DingTalk has
 * no idempotency key for a safe retry.
 */
function notSent(response: HttpResponse): SendResult {
  const failure = failureOf(response, 'send');
  const isSuccess = response.status < 300 && response.text.trim() === '';
  return response.status === 504 || isSuccess ? { outcome: 'unknown', failure } : resultOfFailure(failure);
}

/** Parses an error response of the new or the old API. */
export function failureOf(response: HttpResponse, stage: 'token' | 'send'): SendFailure {
  const newFormat = newError.safeParse(response.json).data;
  const found = newFormat ?? oldAnswer.safeParse(response.json).data;
  const message = shorten(found ? found.message : response.text);
  const retryAfterMs = pauseOf(response, found?.code);
  return {
    class: classifyDingtalk(found?.code, message, response.status),
    stage,
    code: found === undefined ? `HTTP ${response.status}` : String(found.code),
    message,
    ...(newFormat?.requestid ? { logId: newFormat.requestid } : {}),
    ...(retryAfterMs ? { retryAfterMs } : {}),
  };
}

/**
 * Page of the rate protection by IP address, which blocks for `wait` minutes (5 in the documentation,
 * https://github.com/fuxun2008/dingtalk-docs, `zh/open/development/api-throttling.mdx`, read 2026-11).
 */
const blockedPage = z.looseObject({ status: z.literal(1111), wait: z.number().positive() });

/** A robot that sends more than 20 messages in a minute is blocked for 10 minutes. */
const BLOCKED_MS = 600_000;
export const BLOCKED_CODES: readonly unknown[] = [130101, 410100];

/** Returns the wait in milliseconds that the response asks for, or undefined. */
function pauseOf({ headers, json }: HttpResponse, code: string | number | undefined): number | undefined {
  const seconds = Number(headers.get('retry-after'));
  if (seconds > 0) return seconds * 1000;
  if (BLOCKED_CODES.includes(code)) return BLOCKED_MS;
  const page = blockedPage.safeParse(json).data;
  return page && page.wait * 60_000;
}
