// The fake Feishu: sends real events to the bot and answers its API calls.
import express from 'express';
import { createCallbackSender } from '../common/deliver.ts';
import { derivedId } from '../common/ids.ts';
import type { Observer } from '../common/lab-events.ts';
import { createSentLog, type ReplyQuery, type SentMessage } from '../common/sent-log.ts';
import type { LabCredentials } from '../credentials.ts';
import type { FaultSet } from '../faults.ts';
import { createCustomBot } from './custom-bot.ts';
import { createEventDelivery, type FeishuEventDelivery } from './deliver-events.ts';
import { type ChatType, createDirectory } from './directory.ts';
import { answerErrors, tagWithLogId } from './errors.ts';
import { createEndpoint } from './long-connection/endpoint.ts';
import { createLongConnection, type FeishuLongConnection } from './long-connection/long-connection.ts';
import { createMessageStore } from './message-store.ts';
import { createOpenApi } from './open-api.ts';

/** The fake Feishu for tests and the playground. */
export interface FakeFeishu extends FeishuEventDelivery {
  /** Accepted messages of the bot, oldest first. */
  readonly sent: readonly SentMessage[];
  waitForReply(query: ReplyQuery): Promise<SentMessage>;
  /** True if the limit is 5 messages a second per chat (default true). */
  limitsRates: boolean;
  /** True if chats have threads (default true). */
  allowsThreads: boolean;
  /** Scopes of the app to read messages of private chats and of groups (default both). */
  readonly readable: Record<ChatType, boolean>;
  /** Recalls a message of the user or the bot. It can no longer be answered or changed. */
  recall(messageId: string): void;
  /** Path and secret of the custom bot that can receive alerts. */
  readonly customBot: { path: string; secret: string };
  /** The long connection. Once the bot has opened it, events go there instead of to the callback. */
  readonly longConnection: FeishuLongConnection;
}

/** Dependencies of the fake. */
export interface FakeFeishuDeps {
  app: LabCredentials['feishu'];
  botUrl: string;
  faults: FaultSet;
  retryDelaysMs: readonly number[];
  ackWithinMs?: number | undefined;
  observer: Observer;
  now?: () => number;
}

/** Creates the fake. `handler` serves its API, `upgrade` its WebSockets, `stop` ends deliveries and connections. */
export function createFakeFeishu(deps: FakeFeishuDeps) {
  const { app, faults, now = Date.now } = deps;
  const log = createSentLog(deps.observer.botSent);
  const directory = createDirectory();
  const messages = createMessageStore();
  const callbackSender = createCallbackSender();
  const tickets = new Set<string>();
  const { longConnection, ...connecting } = createLongConnection({ tickets, retryDelaysMs: deps.retryDelaysMs });
  const customBot = { id: derivedId('hook', app.appSecret), secret: derivedId('hook secret', app.appSecret) };

  const fake: FakeFeishu = {
    ...createEventDelivery({ ...deps, directory, messages, log, callbackSender, longConnection: connecting, now }),
    sent: log.sent,
    waitForReply: log.waitForReply,
    longConnection,
    limitsRates: true,
    allowsThreads: true,
    readable: { p2p: true, group: true },
    recall: (messageId) => Object.assign(messages.get(messageId) ?? {}, { recalled: true }),
    customBot: { path: `/open-apis/bot/v2/hook/${customBot.id}`, secret: customBot.secret },
  };
  const shared = { log, now, limitsRates: () => fake.limitsRates };
  const allowsThreads = () => fake.allowsThreads;
  const handler = express();
  handler.disable('x-powered-by');
  handler.use(tagWithLogId);
  handler.use((_request, _response, next) => {
    if (!faults.has('feishu-stall')) next();
  });
  handler.use('/open-apis', createCustomBot({ bot: customBot, ...shared }));
  handler.use(
    '/open-apis',
    createOpenApi({ app, faults, directory, messages, allowsThreads, readable: fake.readable, ...shared }),
  );
  const { clientConfig } = connecting;
  handler.use(createEndpoint({ app, faults, tickets, clientConfig, isBusy: () => longConnection.isBusy }));
  handler.use(answerErrors);
  const stop = () => {
    callbackSender.stop();
    connecting.stop();
  };
  return { fake, handler, upgrade: connecting.upgrade, stop };
}
