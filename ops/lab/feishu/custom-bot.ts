// Feishu's custom group bot: the webhook that receives alerts.
import express, { type Router } from 'express';
import { randomId } from '../common/ids.ts';
import { asRecord, asText } from '../common/json-body.ts';
import { createRateWindow } from '../common/rate-window.ts';
import type { SentLog } from '../common/sent-log.ts';
import { customBotSign } from './crypto.ts';

/** Id in the address, and secret of the lab's one custom bot. A message must satisfy all settings that are present. */
export interface CustomBot {
  id: string;
  secret: string;
  /** A message must contain one of them. */
  keywords?: readonly string[];
  /** Only these addresses may send. */
  allowedIps?: readonly string[];
}

/** Dependencies of the webhook. */
export interface CustomBotDeps {
  bot: CustomBot;
  log: SentLog;
  limitsRates(): boolean;
  now(): number;
}

/** Builds the router. Errors are HTTP 200 with a code, as on the platform. */
export function createCustomBot({ bot, log, limitsRates, now }: CustomBotDeps): Router {
  const router = express.Router();
  const perSecond = createRateWindow(5, 1_000, now);
  const perMinute = createRateWindow(100, 60_000, now);

  router.post('/bot/v2/hook/:id', express.text({ type: () => true, limit: '1mb' }), (request, response) => {
    const answer = (code: number, msg: string) => void response.json({ code, msg, data: {} });
    if (request.params.id !== bot.id) return answer(19001, 'param invalid: incoming webhook access token invalid');
    const raw = asText(request.body);
    const body = readBody(raw);
    if (body === undefined || Buffer.byteLength(raw) > 20 * 1024) return answer(9499, 'Bad Request');
    const type = asText(body.msg_type);
    if (type === '') return answer(19002, 'params error, msg_type need');
    const text = readableText(body);
    if (text === '') return answer(19002, `params error, ${type} is empty`);
    const securityError = findSecurityError(bot, { body, raw, ip: request.socket.remoteAddress, now: now() });
    if (securityError !== undefined) return answer(...securityError);
    if (limitsRates() && !(perSecond(bot.id) && perMinute(bot.id))) return answer(11232, 'frequency limited psm');
    const via = 'hook';
    response.json({ code: 0, msg: 'success', data: {}, StatusCode: 0, StatusMessage: 'success' });
    log.add({ messageId: `om_${randomId(32)}`, chatId: bot.id, text, type, via, uuid: null, replyTo: null, at: now() });
  });
  return router;
}

interface WebhookRequest {
  body: Record<string, unknown>;
  raw: string;
  ip: string | undefined;
  now: number;
}

/** Returns code and text of the first security setting that the message does not satisfy. */
function findSecurityError(bot: CustomBot, { body, raw, ip, now }: WebhookRequest): [number, string] | undefined {
  if (!isSigned(body, bot.secret, now)) {
    return [19021, 'sign match fail or timestamp is not within one hour from current time'];
  }
  if (!isAmong(bot.allowedIps, (allowed) => allowed === ip)) return [19022, 'Ip Not Allowed'];
  return isAmong(bot.keywords, (keyword) => raw.includes(keyword)) ? undefined : [19024, 'Key Words Not Found'];
}

/** Checks one setting. A missing setting accepts everything. */
function isAmong(setting: readonly string[] | undefined, matches: (entry: string) => boolean): boolean {
  return setting === undefined || setting.some(matches);
}

function readBody(raw: string): Record<string, unknown> | undefined {
  try {
    return asRecord(JSON.parse(raw));
  } catch {
    return undefined;
  }
}

function readableText(body: Record<string, unknown>): string {
  if (body.msg_type === 'text') return asText(asRecord(body.content).text);
  const content = body.msg_type === 'interactive' ? body.card : body.content;
  return content === undefined ? '' : JSON.stringify(content);
}

function isSigned(body: Record<string, unknown>, secret: string, now: number): boolean {
  const timestamp = asText(body.timestamp);
  const fresh = Math.abs(now / 1000 - Number(timestamp)) <= 3_600;
  return timestamp !== '' && fresh && body.sign === customBotSign(timestamp, secret);
}
