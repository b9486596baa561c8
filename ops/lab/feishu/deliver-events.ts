// Pushing events to the bot as Feishu does.

import type { Answer, Callback, Courier } from '../common/deliver.ts';
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

/** What any message may say of itself; everything has a sensible default. */
interface MessageFacts {
  chatId?: string | undefined;
  /** Any word names a person; an `ou_…` id is used as it is. */
  userId?: string;
  chatType?: ChatType;
  messageId?: string;
  eventId?: string;
  /** The thread it is written in, `omt_…`. */
  threadId?: string;
  /** The message it replies to, and the first one of that chain when that is another. */
  parentId?: string;
  rootId?: string;
  schema?: '1.0' | '2.0';
  /** False plays an app without an Encrypt Key: plain and unsigned. */
  encrypted?: boolean;
  /** Default: true in a group, false in a one-to-one chat. */
  mentionsBot?: boolean;
  /** Others that are mentioned: `@name` in the text stands for them. */
  mentions?: readonly { openId: string; name: string }[];
  /** Told of every attempt to deliver it. */
  onAttempt?: (answer: Answer & MessageIds) => void;
}

/** A user's text message. */
interface FeishuText extends MessageFacts {
  text: string;
}

/** Something else a user sends: `type` as in `message_type`, `content` as in the platform's table. */
interface FeishuOther extends MessageFacts {
  type: string;
  content?: object;
}

/** The ids of a message that was sent. */
interface MessageIds {
  messageId: string;
  eventId: string;
  chatId: string;
}

/** The pushing side of the fake Feishu. */
export interface FeishuEventDelivery extends ChatEvents {
  /** Sends a user's message to the bot, again by the schedule while the bot does not answer 200. */
  sendText(message: FeishuText): Promise<Answer & MessageIds>;
  /** The same for a rich text; `content` are its paragraphs. */
  sendPost(message: MessageFacts & { title?: string; content: object[][] }): Promise<Answer & MessageIds>;
  /** The same for an image, file, audio, media, sticker, location, share_chat and so on. */
  sendOther(message: FeishuOther): Promise<Answer & MessageIds>;
  /** Builds the request of `sendText` without sending it. */
  buildCallback(message: FeishuText): Callback & MessageIds;
  /** Seals any payload as an event of this app (an unknown event type, a broken body). */
  seal(payload: unknown, options?: { encrypted?: boolean }): Callback;
  /** Posts a callback once. */
  post(callback: Callback): Promise<Answer>;
  /** Sends the address check; `ok` when the bot echoed the challenge in time. */
  sendChallenge(options?: { encrypted?: boolean }): Promise<Answer & { ok: boolean }>;
}

type OnAttempt = (answer: Answer) => void;

/** What pushing needs. */
export interface EventDeliveryDeps {
  app: LabCredentials['feishu'];
  botUrl: string;
  retryDelaysMs: readonly number[];
  /** Default: the deadlines of the platform. */
  ackWithinMs?: number | undefined;
  observer: Observer;
  directory: Directory;
  messages: MessageStore;
  log: SentLog;
  courier: Courier;
  /** Takes the place of callbacks once the bot has opened it. */
  longConnection: { isInUse(): boolean; deliver(event: object, onAttempt?: OnAttempt): Promise<Answer> };
  now(): number;
}

/** Creates the pushing side. */
export function createEventDelivery({
  app,
  botUrl,
  retryDelaysMs,
  observer,
  courier,
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
      : courier.deliver({
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
    const onAttempt = (answer: Answer) => {
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
      courier.deliver({ seal: () => callback, deadlineMs: deps.ackWithinMs ?? eventDeadlineMs, retryDelaysMs: [] }),
    async sendChallenge({ encrypted = true } = {}) {
      const event = challengeEvent(app);
      const sealed = () => seal(event, { encrypted, signed: false });
      const answer = await courier.deliver({
        seal: sealed,
        deadlineMs: deps.ackWithinMs ?? challengeDeadlineMs,
        retryDelaysMs: [],
      });
      return { ...answer, ok: answer.error === null && echoes(answer.body, event.challenge) };
    },
  };
}

type Known = Pick<EventDeliveryDeps, 'app' | 'directory' | 'messages' | 'log'>;

// Fills in what the caller left open, and remembers the message and its chat.
function describe(
  message: FeishuText & Pick<TextEvent, 'other'>,
  { app, directory, messages, log }: Known,
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
