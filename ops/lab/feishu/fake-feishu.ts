// The fake Feishu: pushes real events to the bot and takes its API calls.
import express, { type Express } from 'express';
import { BoundedMap } from '../common/bounded-map.ts';
import { createCourier } from '../common/deliver.ts';
import { derivedId } from '../common/ids.ts';
import type { Observer } from '../common/lab-events.ts';
import { createSentLog, type ReplyQuery, type SentMessage } from '../common/sent-log.ts';
import type { LabCredentials } from '../credentials.ts';
import type { FaultSet } from '../faults.ts';
import { createCustomBot } from './custom-bot.ts';
import { createDirectory } from './directory.ts';
import { answerErrors, tagWithLogId } from './errors.ts';
import { createOpenApi } from './open-api.ts';
import { createPush, type FeishuPush } from './push.ts';

/** The fake Feishu as tests and the playground use it. */
export interface FakeFeishu extends FeishuPush {
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
  const { app, faults, now = Date.now } = deps;
  const log = createSentLog(deps.observer.botSent);
  const directory = createDirectory();
  const chatOfMessage = new BoundedMap<string, string>(50_000);
  const courier = createCourier();
  const customBot = { id: derivedId('hook', app.appSecret), secret: derivedId('hook secret', app.appSecret) };

  const fake: FakeFeishu = {
    ...createPush({ ...deps, directory, chatOfMessage, log, courier, now }),
    sent: log.sent,
    waitForReply: log.waitForReply,
    limitsRates: true,
    customBot: { path: `/open-apis/bot/v2/hook/${customBot.id}`, secret: customBot.secret },
  };
  const shared = { log, now, limitsRates: () => fake.limitsRates };
  const handler = express();
  handler.disable('x-powered-by');
  handler.use(tagWithLogId);
  handler.use((_request, _response, next) => {
    if (!faults.has('feishu-stall')) next();
  });
  handler.use('/open-apis', createCustomBot({ bot: customBot, ...shared }));
  handler.use('/open-apis', createOpenApi({ app, faults, directory, chatOfMessage, ...shared }));
  handler.use(answerErrors);
  return { fake, handler, stop: courier.stop };
}
