// Posts robot messages and events to the bot as DingTalk does.

import type { Callback, CallbackAnswer, CallbackSender } from '../common/deliver.ts';
import { derivedId, randomId } from '../common/ids.ts';
import type { Observer } from '../common/lab-events.ts';
import type { SentLog } from '../common/sent-log.ts';
import type { LabCredentials } from '../credentials.ts';
import type { FaultSet } from '../faults.ts';
import { displayText, type MessageContent } from './contents.ts';
import type { ConversationType, Directory } from './directory.ts';
import { problemWithAnswer, robotBody, sealEvent, sealRobotCallback } from './events.ts';

// No source states the deadline of robot callbacks, so this is Feishu's deadline. Events have 1.5 s.
const robotDeadlineMs = 3_000;
const eventDeadlineMs = 1_500;

/** Options of every message. Each has a default. */
interface MessageOptions {
  chatId?: string | undefined;
  /** The employee's userId (`senderStaffId`). */
  userId?: string;
  /** `1` private (default), `2` group. */
  conversationType?: ConversationType;
  /** True if a group message mentions the robot (default true). */
  mentioned?: boolean;
  /** True if the sender has no staff id (default false). */
  outsider?: boolean;
  messageId?: string;
  /** Called after every delivery attempt. */
  onAttempt?: (answer: CallbackAnswer & MessageIds) => void;
}

/** A user's text message. */
interface DingtalkText extends MessageOptions {
  text: string;
}

/** A user's message of any type. `contents` builds them. */
interface DingtalkContent extends MessageOptions {
  content: MessageContent;
}

/** Ids of a sent message. */
export interface MessageIds {
  messageId: string;
  chatId: string;
}

/** Sends callbacks of the fake DingTalk to the bot. */
export interface DingtalkEventDelivery {
  /** Sends a user's message to the bot. Repeats it on the retry schedule until the bot answers 200. */
  sendText(message: DingtalkText): Promise<CallbackAnswer & MessageIds>;
  /** Sends a message of any type, as `sendText` does. */
  sendContent(message: DingtalkContent): Promise<CallbackAnswer & MessageIds>;
  /** Builds the request of `sendText` without sending it. */
  buildCallback(message: DingtalkText): Callback & MessageIds;
  /** Sends an encrypted event callback. `problem` is the reason if the answer is not the encrypted `success`. */
  sendEvent(
    type: string,
    payload?: Record<string, unknown>,
  ): Promise<CallbackAnswer & { verified: boolean; problem: string | null }>;
  /** Builds the request of `sendEvent` without sending it. */
  buildEvent(type: string, payload?: Record<string, unknown>): Callback;
  /** Signs any payload as a robot callback. */
  seal(payload: unknown): Callback;
  /** Posts a callback once, without redelivery. */
  post(callback: Callback): Promise<CallbackAnswer>;
}

/** Dependencies of the event delivery. */
export interface EventDeliveryDeps {
  app: LabCredentials['dingtalk'];
  botUrl: string;
  /** Address at which the bot reaches DingTalk. Session webhooks begin with it. */
  ownUrl(): string;
  faults: FaultSet;
  retryDelaysMs: readonly number[];
  /** Default: the platform's deadlines. */
  ackWithinMs?: number | undefined;
  observer: Observer;
  directory: Directory;
  log: SentLog;
  callbackSender: CallbackSender;
  /** Stream mode, which replaces callbacks once the bot has opened a connection. */
  stream: {
    isInUse(): boolean;
    deliver(body: object, onAttempt: (answer: CallbackAnswer) => void): Promise<CallbackAnswer>;
  };
  now(): number;
}

/** Creates the event delivery. */
export function createEventDelivery(deps: EventDeliveryDeps): DingtalkEventDelivery {
  const { app, faults, retryDelaysMs, observer, callbackSender, stream, now } = deps;
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
    observer.userWrote({ ...ids, text: 'text' in message ? message.text : displayText(message.content) });
    const onAttempt = (answer: CallbackAnswer) => {
      observer.attempted(ids.messageId, answer);
      message.onAttempt?.({ ...answer, ...ids });
    };
    const sealed = () => seal(body);
    const answer = await (stream.isInUse()
      ? stream.deliver(body, onAttempt)
      : callbackSender.deliver({
          seal: sealed,
          deadlineMs: deps.ackWithinMs ?? robotDeadlineMs,
          retryDelaysMs,
          onAttempt,
        }));
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
      const answer = await callbackSender.deliver({
        seal: sealed,
        deadlineMs: deps.ackWithinMs ?? eventDeadlineMs,
        retryDelaysMs: [],
      });
      const problem = answer.error ?? problemWithAnswer(answer.body, app);
      return { ...answer, verified: problem === null, problem };
    },
    seal,
    post: (callback) =>
      callbackSender.deliver({
        seal: () => callback,
        deadlineMs: deps.ackWithinMs ?? robotDeadlineMs,
        retryDelaysMs: [],
      }),
  };
}

// Adds defaults for missing options, and opens a reply address for the conversation.
function describe(message: DingtalkText | DingtalkContent, { app, directory, log, ownUrl, now }: EventDeliveryDeps) {
  const { userId, conversationType: type = '1', messageId = `msg${randomId(22)}`, mentioned, outsider } = message;
  const { staffId, chatId } = directory.enter({ userId, chatId: message.chatId, type });
  const messageContent = 'text' in message ? { text: message.text } : { text: '', content: message.content };
  const at = now();
  const { session, expiresAt: sessionExpiresAt } = directory.openSession(chatId, at);
  const sessionWebhook = `${ownUrl()}/robot/sendBySession?session=${session}`;
  log.noteUserMessage(chatId, messageId);
  const sender = { staffId, mentioned, outsider };
  const described = { ...messageContent, messageId, chatId, type, ...sender, sessionWebhook, sessionExpiresAt, at };
  return { ids: { messageId, chatId }, body: robotBody(app, described) };
}
