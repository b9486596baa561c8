// Builds DingTalk's requests to the bot: robot messages signed in the headers, and encrypted event callbacks.

import type { Callback } from '../common/deliver.ts';
import { derivedId, randomId } from '../common/ids.ts';
import { asRecord, asText, parseRecord } from '../common/json-body.ts';
import type { LabCredentials } from '../credentials.ts';
import { contents, type MessageContent } from './contents.ts';
import { callbackSignature, decryptEvent, encryptEvent, robotSign } from './crypto.ts';
import type { ConversationType } from './directory.ts';

type DingtalkCredentials = LabCredentials['dingtalk'];

const jsonType = { 'content-type': 'application/json; charset=utf-8' };

/** Fields of one robot message. */
export interface RobotMessage {
  text: string;
  /** Sent instead of the text. */
  content?: MessageContent | undefined;
  /** True if the message mentions the robot; default true. */
  mentioned?: boolean | undefined;
  /** True if there is no staff id: the sender is outside the company, or the robot was not yet published. */
  outsider?: boolean | undefined;
  messageId: string;
  chatId: string;
  type: ConversationType;
  staffId: string;
  /** Reply address of the bot, and its expiry in milliseconds since 1970. */
  sessionWebhook: string;
  sessionExpiresAt: number;
  at: number;
}

/**
 * Returns the body of a robot callback. See https://open.dingtalk.com/document/orgapp/receive-message (read 2026-11).
 */
export function robotBody(app: DingtalkCredentials, message: RobotMessage): object {
  const bot = `$:LWCP_v1:$${derivedId('bot', app.robotCode)}`;
  const group = message.type === '2';
  const { mentioned = true } = message;
  // The platform removes the mention and leaves a space.
  const content = message.content ?? contents.text(group && mentioned ? ` ${message.text}` : message.text);
  const atUsers = mentioned ? [{ dingtalkId: bot }] : [];
  return {
    conversationId: message.chatId,
    conversationType: message.type,
    ...(group ? { conversationTitle: 'Lab group', atUsers, isInAtList: mentioned } : {}),
    chatbotCorpId: app.corpId,
    chatbotUserId: bot,
    msgId: message.messageId,
    senderNick: message.staffId,
    isAdmin: false,
    senderId: `$:LWCP_v1:$${derivedId('sender', message.staffId)}`,
    ...(message.outsider ? {} : { senderStaffId: message.staffId }),
    senderCorpId: app.corpId,
    sessionWebhookExpiredTime: message.sessionExpiresAt,
    sessionWebhook: message.sessionWebhook,
    createAt: message.at,
    ...content,
    robotCode: app.robotCode,
  };
}

/** Signs a robot callback. The signature covers only the time, never the body. */
export function sealRobotCallback(options: { url: string; payload: unknown; secret: string; now: number }): Callback {
  const timestamp = String(options.now);
  const headers = { ...jsonType, timestamp, sign: robotSign(timestamp, options.secret) };
  return { url: options.url, headers, body: Buffer.from(JSON.stringify(options.payload)) };
}

/** Encrypts and signs an event callback. */
export function sealEvent(options: { url: string; payload: unknown; app: DingtalkCredentials; now: number }): Callback {
  const { url, payload, app, now } = options;
  const timestamp = String(now);
  const nonce = randomId(8);
  const encrypt = encryptEvent(JSON.stringify(payload), app.aesKey, app.appKey);
  const signature = callbackSignature({ token: app.token, timestamp, nonce, encrypt });
  const query = new URLSearchParams({ signature, msg_signature: signature, timestamp, timeStamp: timestamp, nonce });
  return { url: `${url}?${query}`, headers: { ...jsonType }, body: Buffer.from(JSON.stringify({ encrypt })) };
}

/**
 * Checks the bot's answer to an event callback. Returns the problem, or null if it is the signed, encrypted `success`.
 */
export function problemWithAnswer(body: string, app: DingtalkCredentials): string | null {
  const fields = asRecord(parseRecord(body));
  const { msg_signature: signature, timeStamp: timestamp, nonce, encrypt } = fields;
  const parts = { timestamp: String(timestamp ?? ''), nonce: asText(nonce), encrypt: asText(encrypt) };
  if (Object.values(parts).includes('')) return 'the answer needs msg_signature, timeStamp, nonce and encrypt';
  if (signature !== callbackSignature({ token: app.token, ...parts })) return 'the answer has a wrong msg_signature';
  try {
    const text = decryptEvent(parts.encrypt, app.aesKey, app.appKey);
    return text === 'success' ? null : 'the answer does not decrypt to success';
  } catch (error) {
    return `the answer does not decrypt: ${error instanceof Error ? error.message : String(error)}`;
  }
}
