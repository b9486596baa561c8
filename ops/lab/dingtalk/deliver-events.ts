// Posting robot messages and events to the bot as DingTalk does.

import type { Answer, Callback, Courier } from '../common/deliver.ts';
import { derivedId, randomId } from '../common/ids.ts';
import type { Observer } from '../common/lab-events.ts';
import type { SentLog } from '../common/sent-log.ts';
import type { LabCredentials } from '../credentials.ts';
import type { FaultSet } from '../faults.ts';
import { type MessageContent, shownContent } from './contents.ts';
import type { ConversationType, Directory } from './directory.ts';
import { problemWithAnswer, robotBody, sealEvent, sealRobotCallback } from './events.ts';

// No source states the deadline of robot callbacks; this is Feishu's. Events have 1.5 s.
const robotDeadlineMs = 3_000;
const eventDeadlineMs = 1_500;

/** What can be said of any message; everything has a sensible default. */
interface Circumstances {
  chatId?: string | undefined;
  /** The employee's userId (`senderStaffId`). */
  userId?: string;
  /** `1` private (default), `2` group. */
  conversationType?: ConversationType;
  /** Whether a group message mentions the robot (default true). */
  mentioned?: boolean;
  /** Sent by somebody without a staff id (default false). */
  outsider?: boolean;
  messageId?: string;
  /** Told of every attempt to deliver it. */
  onAttempt?: (answer: Answer & MessageIds) => void;
}

/** A user's text message. */
interface DingtalkText extends Circumstances {
  text: string;
}

/** A user's message of any type; `contents` makes them. */
interface DingtalkContent extends Circumstances {
  content: MessageContent;
}

/** The ids of a message that was sent. */
export interface MessageIds {
  messageId: string;
  chatId: string;
}

/** The pushing side of the fake DingTalk. */
export interface DingtalkEventDelivery {
  /** Sends a user's message to the bot, again by the schedule while the bot does not answer 200. */
  sendText(message: DingtalkText): Promise<Answer & MessageIds>;
  /** The same for a message of any type. */
  sendContent(message: DingtalkContent): Promise<Answer & MessageIds>;
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
}

/** What pushing needs. */
export interface EventDeliveryDeps {
  app: LabCredentials['dingtalk'];
  botUrl: string;
  /** The address the bot knows DingTalk by; session webhooks begin with it. */
  ownUrl(): string;
  faults: FaultSet;
  retryDelaysMs: readonly number[];
  /** Default: the deadlines of the platform. */
  ackWithinMs?: number | undefined;
  observer: Observer;
  directory: Directory;
  log: SentLog;
  courier: Courier;
  /** Takes the place of callbacks once the bot has opened it. */
  stream: { isInUse(): boolean; deliver(body: object, onAttempt: (answer: Answer) => void): Promise<Answer> };
  now(): number;
}

/** Creates the pushing side. */
export function createEventDelivery(deps: EventDeliveryDeps): DingtalkEventDelivery {
  const { app, faults, retryDelaysMs, observer, courier, stream, now } = deps;
  const url = `${deps.botUrl}/dingtalk/callback`;
  const rotatedSecret = derivedId('rotated', app.appSecret);
  const seal = (payload: unknown) => {
    const secret = faults.has('dingtalk-secret-rotated') ? rotatedSecret : app.appSecret;
    return sealRobotCallback({ url, payload, secret, now: now() });
  };
  const buildEvent = (type: string, payload: Record<string, unknown> = {}) =>
    sealEvent({ url, payload: { EventType: type, ...payload }, app, now: now() });
  async function send(message: DingtalkText | DingtalkContent) {
    const { ids, body } = describe(message, deps);
    observer.userWrote({ ...ids, text: 'text' in message ? message.text : shownContent(message.content) });
    const onAttempt = (answer: Answer) => {
      observer.attempted(ids.messageId, answer);
      message.onAttempt?.({ ...answer, ...ids });
    };
    const sealed = () => seal(body);
    const answer = await (stream.isInUse()
      ? stream.deliver(body, onAttempt)
      : courier.deliver({ seal: sealed, deadlineMs: deps.ackWithinMs ?? robotDeadlineMs, retryDelaysMs, onAttempt }));
    return { ...answer, ...ids };
  }
  return {
    sendText: send,
    sendContent: send,
    buildCallback(message) {
      const { ids, body } = describe(message, deps);
      return { ...seal(body), ...ids };
    },
    buildEvent,
    async sendEvent(type, payload) {
      const sealed = () => buildEvent(type, payload);
      const answer = await courier.deliver({
        seal: sealed,
        deadlineMs: deps.ackWithinMs ?? eventDeadlineMs,
        retryDelaysMs: [],
      });
      const problem = answer.error ?? problemWithAnswer(answer.body, app);
      return { ...answer, verified: problem === null, problem };
    },
    seal,
    post: (callback) =>
      courier.deliver({ seal: () => callback, deadlineMs: deps.ackWithinMs ?? robotDeadlineMs, retryDelaysMs: [] }),
  };
}

// Fills in what the caller left open, and opens a reply address for the conversation.
function describe(message: DingtalkText | DingtalkContent, { app, directory, log, ownUrl, now }: EventDeliveryDeps) {
  const { userId, conversationType: type = '1', messageId = `msg${randomId(22)}`, mentioned, outsider } = message;
  const { staffId, chatId } = directory.enter({ userId, chatId: message.chatId, type });
  const said = 'text' in message ? { text: message.text } : { text: '', content: message.content };
  const at = now();
  const { session, expiresAt: sessionExpiresAt } = directory.openSession(chatId, at);
  const sessionWebhook = `${ownUrl()}/robot/sendBySession?session=${session}`;
  log.noteUserMessage(chatId, messageId);
  const sender = { staffId, mentioned, outsider };
  const described = { ...said, messageId, chatId, type, ...sender, sessionWebhook, sessionExpiresAt, at };
  return { ids: { messageId, chatId }, body: robotBody(app, described) };
}
