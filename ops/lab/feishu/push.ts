// Pushing events to the bot as Feishu does.

import type { BoundedMap } from '../common/bounded-map.ts';
import type { Answer, Callback, Courier } from '../common/deliver.ts';
import { randomId } from '../common/ids.ts';
import type { Observer } from '../common/lab-events.ts';
import type { SentLog } from '../common/sent-log.ts';
import type { LabCredentials } from '../credentials.ts';
import type { ChatType, Directory } from './directory.ts';
import { challengeEvent, messageEventV1, messageEventV2, sealEvent } from './events.ts';

const eventDeadlineMs = 3_000;
const challengeDeadlineMs = 1_000;

/** A user's text message. Everything but the text has a sensible default. */
interface FeishuText {
  text: string;
  chatId?: string | undefined;
  /** Any word names a person; an `ou_…` id is used as it is. */
  userId?: string;
  chatType?: ChatType;
  messageId?: string;
  eventId?: string;
  schema?: '1.0' | '2.0';
  /** False plays an app without an Encrypt Key: plain and unsigned. */
  encrypted?: boolean;
  /** Default: true in a group, false in a one-to-one chat. */
  mentionsBot?: boolean;
  /** Told of every attempt to deliver it. */
  onAttempt?: (answer: Answer & MessageIds) => void;
}

/** The ids of a message that was sent. */
interface MessageIds {
  messageId: string;
  eventId: string;
  chatId: string;
}

/** The pushing side of the fake Feishu. */
export interface FeishuPush {
  /** Sends a user's message to the bot, again by the schedule while the bot does not answer 200. */
  sendText(message: FeishuText): Promise<Answer & MessageIds>;
  /** Builds the request of `sendText` without sending it. */
  buildCallback(message: FeishuText): Callback & MessageIds;
  /** Seals any payload as an event of this app (an unknown event type, a broken body). */
  seal(payload: unknown, options?: { encrypted?: boolean }): Callback;
  /** Posts a callback once. */
  post(callback: Callback): Promise<Answer>;
  /** Sends the address check; `ok` when the bot echoed the challenge in time. */
  sendChallenge(options?: { encrypted?: boolean }): Promise<Answer & { ok: boolean }>;
}

/** What pushing needs. */
export interface PushDeps {
  app: LabCredentials['feishu'];
  botUrl: string;
  retryDelaysMs: readonly number[];
  observer: Observer;
  directory: Directory;
  /** The chat a message (the user's or the bot's) is in. */
  chatOfMessage: BoundedMap<string, string>;
  log: SentLog;
  courier: Courier;
  now(): number;
}

/** Creates the pushing side. */
export function createPush({ app, botUrl, retryDelaysMs, observer, courier, now, ...deps }: PushDeps): FeishuPush {
  const url = `${botUrl}/feishu/verify`;
  const seal = (payload: unknown, { encrypted = true, signed = true } = {}) =>
    sealEvent({ url, payload, encryptKey: app.encryptKey, encrypted, signed, now: now() });
  const prepare = (message: FeishuText) => {
    const { event, ...ids } = describe(message, deps, now());
    const build = message.schema === '1.0' ? messageEventV1 : messageEventV2;
    return { ids, sealed: () => seal(build(app, event), { encrypted: message.encrypted ?? true }) };
  };
  return {
    async sendText(message) {
      const { ids, sealed } = prepare(message);
      observer.userWrote({ chatId: ids.chatId, messageId: ids.messageId, text: message.text });
      const onAttempt = (answer: Answer) => {
        observer.attempted(ids.messageId, answer);
        message.onAttempt?.({ ...answer, ...ids });
      };
      const answer = await courier.deliver({ seal: sealed, deadlineMs: eventDeadlineMs, retryDelaysMs, onAttempt });
      return { ...answer, ...ids };
    },
    buildCallback(message) {
      const { ids, sealed } = prepare(message);
      return { ...sealed(), ...ids };
    },
    seal,
    post: (callback) => courier.deliver({ seal: () => callback, deadlineMs: eventDeadlineMs, retryDelaysMs: [] }),
    async sendChallenge({ encrypted = true } = {}) {
      const event = challengeEvent(app);
      const sealed = () => seal(event, { encrypted, signed: false });
      const answer = await courier.deliver({ seal: sealed, deadlineMs: challengeDeadlineMs, retryDelaysMs: [] });
      return { ...answer, ok: answer.error === null && echoes(answer.body, event.challenge) };
    },
  };
}

type Known = Pick<PushDeps, 'directory' | 'chatOfMessage' | 'log'>;

// Fills in what the caller left open, and remembers the message and its chat.
function describe(message: FeishuText, { directory, chatOfMessage, log }: Known, at: number) {
  const { text, chatType = 'p2p', messageId = `om_${randomId(32)}`, eventId = randomId(32) } = message;
  const { person, chatId } = directory.enter({ userId: message.userId, chatId: message.chatId, chatType });
  const mentionsBot = message.mentionsBot ?? chatType === 'group';
  chatOfMessage.set(messageId, chatId);
  log.noteUserMessage(chatId, messageId);
  return {
    messageId,
    eventId,
    chatId,
    event: { text, chatId, chatType, person, messageId, eventId, at, mentionsBot },
  };
}

function echoes(body: string, challenge: string): boolean {
  try {
    return JSON.parse(body).challenge === challenge;
  } catch {
    return false;
  }
}
