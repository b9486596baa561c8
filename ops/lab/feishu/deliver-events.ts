// Sends events to the bot as Feishu does.

import type { Callback, CallbackAnswer, CallbackSender } from '../common/deliver.ts';
import { randomId } from '../common/ids.ts';
import type { Observer } from '../common/lab-events.ts';
import type { SentLog } from '../common/sent-log.ts';
import type { LabCredentials } from '../credentials.ts';
import { type ChatEvents, createChatEvents } from './chat-events.ts';
import type { ChatType, Directory } from './directory.ts';
import { challengeEvent, messageEventV1, messageEventV2, sealEvent, storedMessage, type TextEvent } from './events.ts';
import type { MessageStore } from './message-store.ts';

const eventDeadlineMs = 3_000;
const challengeDeadlineMs = 1_000;

/** Options of every message. Each has a default. */
interface MessageOptions {
  chatId?: string | undefined;
  /** Any name for a person. An id that begins with `ou_` is used unchanged. */
  userId?: string;
  chatType?: ChatType;
  messageId?: string;
  eventId?: string;
  /** The thread of the message, `omt_…`. */
  threadId?: string;
  /** The message that this one replies to, and the first message of that chain if it is another one. */
  parentId?: string;
  rootId?: string;
  schema?: '1.0' | '2.0';
  /** False simulates an app without an Encrypt Key: plain and unsigned. */
  encrypted?: boolean;
  /** Default: true in a group, false in a one-to-one chat. */
  mentionsBot?: boolean;
  /** Other mentioned people. `@name` in the text is replaced by their keys. */
  mentions?: readonly { openId: string; name: string }[];
  /** Called after every delivery attempt. */
  onAttempt?: (answer: CallbackAnswer & MessageIds) => void;
}

/** A user's text message. */
interface FeishuText extends MessageOptions {
  text: string;
}

/**
 * A user's message that is not text. `type` is the `message_type`, `content` the platform's content for it:
 * https://open.feishu.cn/document/uAjLw4CM/ukTMukTMukTM/im-v1/message/events/message_content (read 2026-11).
 */
interface FeishuOther extends MessageOptions {
  type: string;
  content?: object;
}

/** Ids of a sent message. */
interface MessageIds {
  messageId: string;
  eventId: string;
  chatId: string;
}

/** Sends callbacks of the fake Feishu to the bot. */
export interface FeishuEventDelivery extends ChatEvents {
  /** Sends a user's message to the bot. Repeats it on the retry schedule until the bot answers 200. */
  sendText(message: FeishuText): Promise<CallbackAnswer & MessageIds>;
  /** Sends a rich text, as `sendText` does. `content` holds its paragraphs. */
  sendPost(message: MessageOptions & { title?: string; content: object[][] }): Promise<CallbackAnswer & MessageIds>;
  /** Sends an image, file, audio, media, sticker, location, share_chat and so on, as `sendText` does. */
  sendOther(message: FeishuOther): Promise<CallbackAnswer & MessageIds>;
  /** Builds the request of `sendText` without sending it. */
  buildCallback(message: FeishuText): Callback & MessageIds;
  /** Encrypts and signs any payload as an event of this app, such as an unknown event type or a broken body. */
  seal(payload: unknown, options?: { encrypted?: boolean }): Callback;
  /** Posts a callback once, without redelivery. */
  post(callback: Callback): Promise<CallbackAnswer>;
  /** Sends the address check. `ok` is true if the bot echoed the challenge in time. */
  sendChallenge(options?: { encrypted?: boolean }): Promise<CallbackAnswer & { ok: boolean }>;
}

type OnAttempt = (answer: CallbackAnswer) => void;

/** Dependencies of the event delivery. */
export interface EventDeliveryDeps {
  app: LabCredentials['feishu'];
  botUrl: string;
  retryDelaysMs: readonly number[];
  /** Default: the platform's deadlines. */
  ackWithinMs?: number | undefined;
  observer: Observer;
  directory: Directory;
  messages: MessageStore;
  log: SentLog;
  callbackSender: CallbackSender;
  /** The long connection, which replaces callbacks once the bot has opened it. */
  longConnection: { isInUse(): boolean; deliver(event: object, onAttempt?: OnAttempt): Promise<CallbackAnswer> };
  now(): number;
}

/** Creates the event delivery. */
export function createEventDelivery({
  app,
  botUrl,
  retryDelaysMs,
  observer,
  callbackSender,
  ...deps
}: EventDeliveryDeps): FeishuEventDelivery {
  const { longConnection, now } = deps;
  const url = `${botUrl}/feishu/verify`;
  const seal = (payload: unknown, { encrypted = true, signed = true } = {}) =>
    sealEvent({ url, payload, encryptKey: app.encryptKey, encrypted, signed, now: now() });
  const deliver = (
    event: object,
    { encrypted = true, onAttempt }: { encrypted?: boolean; onAttempt?: OnAttempt } = {},
  ) =>
    longConnection.isInUse()
      ? longConnection.deliver(event, onAttempt)
      : callbackSender.deliver({
          seal: () => seal(event, { encrypted }),
          deadlineMs: deps.ackWithinMs ?? eventDeadlineMs,
          retryDelaysMs,
          onAttempt,
        });
  const prepare = (message: FeishuText, other?: TextEvent['other']) => {
    const { event, ...ids } = describe({ ...message, other }, { ...deps, app }, now());
    const build = message.schema === '1.0' ? messageEventV1 : messageEventV2;
    return { ids, event: build(app, event), encrypted: message.encrypted ?? true };
  };
  const send = async (message: FeishuText, other?: TextEvent['other']) => {
    const { ids, event, encrypted } = prepare(message, other);
    const text = other === undefined ? message.text : `[${other.type}]`;
    observer.userWrote({ chatId: ids.chatId, messageId: ids.messageId, text });
    const onAttempt = (answer: CallbackAnswer) => {
      observer.attempted(ids.messageId, answer);
      message.onAttempt?.({ ...answer, ...ids });
    };
    return { ...(await deliver(event, { encrypted, onAttempt })), ...ids };
  };
  return {
    sendText: (message) => send(message),
    sendPost: ({ title = '', content, ...facts }) =>
      send({ ...facts, text: '' }, { type: 'post', content: { title, content } }),
    sendOther: ({ type, content = { file_key: `file_${randomId(16)}` }, ...facts }) =>
      send({ ...facts, text: '' }, { type, content }),
    ...createChatEvents({ ...deps, app, deliver: (event) => deliver(event) }),
    buildCallback(message) {
      const { ids, event, encrypted } = prepare(message);
      return { ...seal(event, { encrypted }), ...ids };
    },
    seal,
    post: (callback) =>
      callbackSender.deliver({
        seal: () => callback,
        deadlineMs: deps.ackWithinMs ?? eventDeadlineMs,
        retryDelaysMs: [],
      }),
    async sendChallenge({ encrypted = true } = {}) {
      const event = challengeEvent(app);
      const sealed = () => seal(event, { encrypted, signed: false });
      const answer = await callbackSender.deliver({
        seal: sealed,
        deadlineMs: deps.ackWithinMs ?? challengeDeadlineMs,
        retryDelaysMs: [],
      });
      return { ...answer, ok: answer.error === null && echoes(answer.body, event.challenge) };
    },
  };
}

type DescribeDeps = Pick<EventDeliveryDeps, 'app' | 'directory' | 'messages' | 'log'>;

// Adds defaults for missing options, and stores the message and its chat.
function describe(
  message: FeishuText & Pick<TextEvent, 'other'>,
  { app, directory, messages, log }: DescribeDeps,
  at: number,
) {
  const { text, chatType = 'p2p', messageId = `om_${randomId(32)}`, eventId = randomId(32) } = message;
  const { person, chatId } = directory.enter({ userId: message.userId, chatId: message.chatId, chatType });
  const { mentionsBot = chatType === 'group', mentions = [], other } = message;
  log.noteUserMessage(chatId, messageId);
  const ids = { messageId, eventId, chatId };
  const { threadId, parentId, rootId } = message;
  const place = { threadId, parentId, rootId };
  const event = { ...ids, text, chatType, person, at, mentionsBot, mentions, ...place, other };
  messages.set(messageId, { chatId, chatType, stored: storedMessage(app, event) });
  return { ...ids, event };
}

function echoes(body: string, challenge: string): boolean {
  try {
    return JSON.parse(body).challenge === challenge;
  } catch {
    return false;
  }
}
