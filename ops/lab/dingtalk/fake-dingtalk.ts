// The fake DingTalk: posts real robot messages and events to the bot and takes its API calls.
import express, { type Express } from 'express';
import type { LabCredentials } from '../credentials.ts';
import type { FaultSet } from '../faults.ts';
import { type Answer, type Callback, createCourier } from '../shared/deliver.ts';
import { derivedId, randomId } from '../shared/ids.ts';
import type { Observer } from '../shared/lab-events.ts';
import { createSentLog, type ReplyQuery, type SentMessage } from '../shared/sent-log.ts';
import { createTokenStore } from '../shared/token-store.ts';
import { type ConversationType, createDirectory } from './directory.ts';
import { answerErrors } from './errors.ts';
import { problemWithAnswer, robotBody, sealEvent, sealRobotCallback } from './events.ts';
import { type CustomRobot, createOldApi } from './old-api.ts';
import { createOpenApi } from './open-api.ts';

// No source states the deadline of robot callbacks; this is Feishu's. Events have 1.5 s.
const robotDeadlineMs = 3_000;
const eventDeadlineMs = 1_500;

/** A user's text message. Everything but the text has a sensible default. */
export interface DingtalkText {
  text: string;
  chatId?: string | undefined;
  /** The employee's userId (`senderStaffId`). */
  userId?: string;
  /** `1` private (default), `2` group. */
  conversationType?: ConversationType;
  messageId?: string;
  /** Told of every attempt to deliver it. */
  onAttempt?: (answer: Answer & MessageIds) => void;
}

/** The ids of a message that was sent. */
export interface MessageIds {
  messageId: string;
  chatId: string;
}

/** The fake DingTalk as tests and the playground use it. */
export interface FakeDingtalk {
  /** Sends a user's message to the bot, again by the schedule while the bot does not answer 200. */
  sendText(message: DingtalkText): Promise<Answer & MessageIds>;
  /** Builds the request of `sendText` without sending it. */
  buildCallback(message: DingtalkText): Callback & MessageIds;
  /** Sends an encrypted event callback; `problem` says why the answer is not the encrypted `success`. */
  sendEvent(
    type: string,
    payload?: Record<string, unknown>,
  ): Promise<Answer & { verified: boolean; problem: string | null }>;
  /** Builds the request of `sendEvent` without sending it. */
  buildEvent(type: string, payload?: Record<string, unknown>): Callback;
  /** Signs any payload as a robot callback. */
  seal(payload: unknown): Callback;
  /** Posts a callback once. */
  post(callback: Callback): Promise<Answer>;
  /** Messages the bot got accepted, oldest first. */
  readonly sent: readonly SentMessage[];
  waitForReply(query: ReplyQuery): Promise<SentMessage>;
  /** Whether the rate limits apply (default true). */
  limitsRates: boolean;
  /** The custom robot that alerts may go to: `/robot/send?access_token=<token>`. */
  readonly customRobot: CustomRobot;
}

/** What the fake needs. */
export interface FakeDingtalkDeps {
  app: LabCredentials['dingtalk'];
  botUrl: string;
  /** The address the bot knows DingTalk by; session webhooks begin with it. */
  ownUrl(): string;
  faults: FaultSet;
  retryDelaysMs: readonly number[];
  observer: Observer;
  now?: () => number;
}

/** Creates the fake; `handler` serves its API, `stop` ends deliveries. */
export function createFakeDingtalk(deps: FakeDingtalkDeps): { fake: FakeDingtalk; handler: Express; stop(): void } {
  const { app, faults, retryDelaysMs, now = Date.now } = deps;
  const url = `${deps.botUrl}/dingtalk/callback`;
  const log = createSentLog(deps.observer.botSent);
  const directory = createDirectory(now);
  const courier = createCourier();
  const rotatedSecret = derivedId('rotated', app.appSecret);

  const seal = (payload: unknown) => {
    const secret = faults.has('dingtalk-secret-rotated') ? rotatedSecret : app.appSecret;
    return sealRobotCallback({ url, payload, secret, now: now() });
  };
  const buildEvent = (type: string, payload: Record<string, unknown> = {}) =>
    sealEvent({ url, payload: { EventType: type, ...payload }, app, now: now() });

  function prepare({
    text,
    chatId: given,
    userId,
    conversationType: type = '1',
    messageId = newMessageId(),
  }: DingtalkText) {
    const { staffId, chatId } = directory.enter({ userId, chatId: given, type });
    const { session, expiresAt: sessionExpiresAt } = directory.openSession(chatId);
    const sessionWebhook = `${deps.ownUrl()}/robot/sendBySession?session=${session}`;
    log.noteUserMessage(chatId, messageId);
    const message = { text, messageId, chatId, type, staffId, sessionWebhook, sessionExpiresAt, at: now() };
    return { ids: { messageId, chatId }, sealed: () => seal(robotBody(app, message)) };
  }

  const fake: FakeDingtalk = {
    async sendText(message) {
      const { ids, sealed } = prepare(message);
      deps.observer.userWrote({ ...ids, text: message.text });
      const onAttempt = (answer: Answer) => {
        deps.observer.attempted(ids.messageId, answer);
        message.onAttempt?.({ ...answer, ...ids });
      };
      const answer = await courier.deliver({ seal: sealed, deadlineMs: robotDeadlineMs, retryDelaysMs, onAttempt });
      return { ...answer, ...ids };
    },
    buildCallback(message) {
      const { ids, sealed } = prepare(message);
      return { ...sealed(), ...ids };
    },
    buildEvent,
    async sendEvent(type, payload) {
      const event = () => buildEvent(type, payload);
      const answer = await courier.deliver({ seal: event, deadlineMs: eventDeadlineMs, retryDelaysMs: [] });
      const problem = answer.error ?? problemWithAnswer(answer.body, app);
      return { ...answer, verified: problem === null, problem };
    },
    seal,
    post: (callback) => courier.deliver({ seal: () => callback, deadlineMs: robotDeadlineMs, retryDelaysMs: [] }),
    sent: log.sent,
    waitForReply: log.waitForReply,
    limitsRates: true,
    customRobot: {
      token: derivedId('robot', app.appSecret).repeat(2),
      secret: `SEC${derivedId('robot secret', app.appSecret).repeat(2)}`,
      keywords: [],
    },
  };
  const tokens = createTokenStore('', { kind: 'prolong' }, now);
  const api = { app, faults, directory, tokens, log, limitsRates: () => fake.limitsRates, now };
  const handler = express();
  handler.disable('x-powered-by');
  handler.use((_request, _response, next) => {
    if (!faults.has('dingtalk-stall')) next();
  });
  handler.use('/v1.0', createOpenApi(api));
  handler.use(createOldApi({ ...api, robot: fake.customRobot }));
  handler.use(answerErrors);
  return { fake, handler, stop: courier.stop };
}

function newMessageId(): string {
  return `msg${randomId(22)}`;
}
