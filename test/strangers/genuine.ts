// Sends genuine callbacks of both platforms during an attack: each over a new connection, ten a second.
import { setTimeout as sleep } from 'node:timers/promises';
import { toRequest } from '../../bench/http-load.ts';
import { robotBody, sealRobotCallback } from '../../ops/lab/dingtalk/events.ts';
import { messageEventV2, sealEvent } from '../../ops/lab/feishu/events.ts';
import type { LabCredentials } from '../../ops/lab/start-lab.ts';
import { type BotEndpoint, exchange } from './dial.ts';

export interface GenuineReport {
  sent: number;
  /** Answered 200, also after the deadline. */
  answered: number;
  /** Answered 200 within the deadline of the platforms. */
  acknowledged: number;
  /** Milliseconds, handshake included. */
  medianMs: number;
  maxMs: number;
  /** Callbacks without an acknowledgement in time: their status, or `none` without an answer. */
  refused: string[];
}

/** Deadline of Feishu: https://open.feishu.cn/document/server-docs/event-subscription-guide/overview (read 2026-11). */
const DEADLINE_MS = 3_000;
const EVERY_MS = 100;

export interface Sending {
  /** Sends until this settles. */
  until: Promise<unknown>;
  /** Longest wait for each answer. */
  patienceMs: number;
  /** If true, a callback without an answer is redelivered within `patienceMs`. */
  repeats: boolean;
}

export async function sendGenuine(
  endpoint: BotEndpoint,
  credentials: LabCredentials,
  { until, ...waiting }: Sending,
): Promise<GenuineReport> {
  const answers: Promise<{ status: number | undefined; ms: number }>[] = [];
  let isOver = false;
  void until.finally(() => {
    isOver = true;
  });
  for (let number = 0; !isOver; number++) {
    const bytes = number % 2 ? feishu(credentials, number) : dingtalk(credentials, number);
    answers.push(timed(endpoint, bytes, waiting));
    await sleep(EVERY_MS);
  }
  const all = await Promise.all(answers);
  const times = all.map(({ ms }) => ms).sort((a, b) => a - b);
  const isAcknowledged = ({ status, ms }: { status: number | undefined; ms: number }) =>
    status === 200 && ms < DEADLINE_MS;
  return {
    sent: all.length,
    answered: all.filter(({ status }) => status === 200).length,
    acknowledged: all.filter(isAcknowledged).length,
    medianMs: Math.round(times[Math.floor(times.length / 2)] ?? 0),
    maxMs: Math.round(times.at(-1) ?? 0),
    refused: all
      .filter((one) => !isAcknowledged(one))
      .map(({ status, ms }) => `${status ?? 'none'} after ${Math.round(ms)} ms`),
  };
}

async function timed(
  endpoint: BotEndpoint,
  bytes: Buffer,
  { patienceMs, repeats }: Omit<Sending, 'until'>,
): Promise<{ status: number | undefined; ms: number }> {
  const start = performance.now();
  const left = () => Math.max(1, Math.ceil(patienceMs - (performance.now() - start)));
  let status = await exchange(endpoint, bytes, left());
  while (repeats && status !== 200 && left() > EVERY_MS) {
    await sleep(EVERY_MS);
    status = await exchange(endpoint, bytes, left());
  }
  return { status, ms: performance.now() - start };
}

function feishu({ feishu: app }: LabCredentials, number: number): Buffer {
  const person = { openId: 'ou_1', unionId: 'on_1', userId: 'u1' };
  const ids = { messageId: `om_${number}`, eventId: `ev_${number}`, chatId: `oc_${number % 7}` };
  const at = Date.now();
  const payload = messageEventV2(app, { ...ids, text: 'hello', chatType: 'p2p', person, at, mentionsBot: false });
  const url = 'http://localhost/feishu/event';
  return toRequest(sealEvent({ url, payload, encryptKey: app.encryptKey, encrypted: true, signed: true, now: at }));
}

function dingtalk({ dingtalk: app }: LabCredentials, number: number): Buffer {
  const at = Date.now();
  const payload = robotBody(app, {
    text: 'hello',
    messageId: `msg_${number}`,
    chatId: `cid_${number % 7}`,
    type: '1',
    staffId: 'staff',
    sessionWebhook: 'http://127.0.0.1:9/robot/sendBySession?session=s',
    sessionExpiresAt: at + 3_600_000,
    at,
  });
  return toRequest(
    sealRobotCallback({ url: 'http://localhost/dingtalk/callback', payload, secret: app.appSecret, now: at }),
  );
}
