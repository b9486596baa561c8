// The fake Feishu: pushes real events to the bot and takes its API calls.
import express, { type Express } from 'express';
import type { LabCredentials } from '../credentials.ts';
import type { FaultSet } from '../faults.ts';
import { BoundedMap } from '../shared/bounded-map.ts';
import { type Answer, type Callback, createCourier } from '../shared/deliver.ts';
import { derivedId, randomId } from '../shared/ids.ts';
import type { Observer } from '../shared/lab-events.ts';
import { createSentLog, type ReplyQuery, type SentMessage } from '../shared/sent-log.ts';
import { createCustomBot } from './custom-bot.ts';
import { type ChatType, createDirectory } from './directory.ts';
import { answerErrors, tagWithLogId } from './errors.ts';
import { challengeEvent, messageEventV1, messageEventV2, sealEvent } from './events.ts';
import { createOpenApi } from './open-api.ts';

const eventDeadlineMs = 3_000;
const challengeDeadlineMs = 1_000;

/** A user's text message. Everything but the text has a sensible default. */
export interface FeishuText {
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
export interface MessageIds {
  messageId: string;
  eventId: string;
  chatId: string;
}

/** The fake Feishu as tests and the playground use it. */
export interface FakeFeishu {
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
  /** Messages the bot got accepted, oldest first. */
  readonly sent: readonly SentMessage[];
  waitForReply(query: ReplyQuery): Promise<SentMessage>;
  /** Whether 5 messages a second per chat are the limit (default true). */
  limitsRates: boolean;
  /** Path and secret of the custom bot that alerts may go to. */
  readonly customBot: { path: string; secret: string };
}

/** What the fake needs. */
export interface FakeFeishuDeps {
  app: LabCredentials['feishu'];
  botUrl: string;
  faults: FaultSet;
  retryDelaysMs: readonly number[];
  observer: Observer;
  now?: () => number;
}

/** Creates the fake; `handler` serves its API, `stop` ends deliveries. */
export function createFakeFeishu(deps: FakeFeishuDeps): { fake: FakeFeishu; handler: Express; stop(): void } {
  const { app, botUrl, retryDelaysMs, now = Date.now } = deps;
  const url = `${botUrl}/feishu/verify`;
  const log = createSentLog(deps.observer.botSent);
  const directory = createDirectory();
  const chatOfMessage = new BoundedMap<string, string>(50_000);
  const courier = createCourier();
  const customBot = { id: derivedId('hook', app.appSecret), secret: derivedId('hook secret', app.appSecret) };

  const seal = (payload: unknown, { encrypted = true, signed = true } = {}) =>
    sealEvent({ url, payload, encryptKey: app.encryptKey, encrypted, signed, now: now() });
  const post = (sealed: () => Callback, deadlineMs: number) =>
    courier.deliver({ seal: sealed, deadlineMs, retryDelaysMs: [] });

  function prepare(message: FeishuText) {
    const { chatType = 'p2p', messageId = `om_${randomId(32)}`, eventId = randomId(32) } = message;
    const { person, chatId } = directory.enter({ userId: message.userId, chatId: message.chatId, chatType });
    const mentionsBot = message.mentionsBot ?? chatType === 'group';
    const event = { text: message.text, chatId, chatType, person, messageId, eventId, at: now(), mentionsBot };
    const build = message.schema === '1.0' ? messageEventV1 : messageEventV2;
    chatOfMessage.set(messageId, chatId);
    log.noteUserMessage(chatId, messageId);
    const options = { encrypted: message.encrypted ?? true };
    return { ids: { messageId, eventId, chatId }, sealed: () => seal(build(app, event), options) };
  }

  const fake: FakeFeishu = {
    async sendText(message) {
      const { ids, sealed } = prepare(message);
      deps.observer.userWrote({ chatId: ids.chatId, messageId: ids.messageId, text: message.text });
      const onAttempt = (answer: Answer) => {
        deps.observer.attempted(ids.messageId, answer);
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
    post: (callback) => post(() => callback, eventDeadlineMs),
    async sendChallenge({ encrypted = true } = {}) {
      const event = challengeEvent(app);
      const answer = await post(() => seal(event, { encrypted, signed: false }), challengeDeadlineMs);
      return { ...answer, ok: answer.error === null && echoes(answer.body, event.challenge) };
    },
    sent: log.sent,
    waitForReply: log.waitForReply,
    limitsRates: true,
    customBot: { path: `/open-apis/bot/v2/hook/${customBot.id}`, secret: customBot.secret },
  };
  const shared = { log, now, limitsRates: () => fake.limitsRates };
  const handler = serve(deps, [
    createCustomBot({ bot: customBot, ...shared }),
    createOpenApi({ app, faults: deps.faults, directory, chatOfMessage, ...shared }),
  ]);
  return { fake, handler, stop: courier.stop };
}

function serve({ faults }: FakeFeishuDeps, routers: express.Router[]): Express {
  const handler = express();
  handler.disable('x-powered-by');
  handler.use(tagWithLogId);
  handler.use((_request, _response, next) => {
    if (!faults.has('feishu-stall')) next();
  });
  handler.use('/open-apis', ...routers);
  handler.use(answerErrors);
  return handler;
}

function echoes(body: string, challenge: string): boolean {
  try {
    return JSON.parse(body).challenge === challenge;
  } catch {
    return false;
  }
}
