// The fake DingTalk: posts real robot messages and events to the bot and answers its API calls.
import express from 'express';
import { createCallbackSender } from '../common/deliver.ts';
import { derivedId } from '../common/ids.ts';
import type { Observer } from '../common/lab-events.ts';
import { createSentLog, type ReplyQuery, type SentMessage } from '../common/sent-log.ts';
import { createTokenStore } from '../common/token-store.ts';
import type { LabCredentials } from '../credentials.ts';
import type { FaultSet } from '../faults.ts';
import type { CustomRobot } from './custom-robot.ts';
import { createEventDelivery, type DingtalkEventDelivery } from './deliver-events.ts';
import { createDirectory } from './directory.ts';
import { answerErrors } from './errors.ts';
import { barWhile, createFaultyAnswers } from './faulty-answers.ts';
import { createOldApi } from './old-api.ts';
import { createOpenApi } from './open-api.ts';
import { createGateway, createTickets } from './stream/gateway.ts';
import { createStream, type DingtalkStream } from './stream/stream.ts';

/** The fake DingTalk for tests and the playground. */
export interface FakeDingtalk extends DingtalkEventDelivery {
  /** Accepted messages of the bot, oldest first. */
  readonly sent: readonly SentMessage[];
  waitForReply(query: ReplyQuery): Promise<SentMessage>;
  /** True if the rate limits apply (default true). */
  limitsRates: boolean;
  /** Employees who receive no private messages of the API for now (`flowControlledStaffIdList`). */
  readonly flowControlled: Set<string>;
  /** The custom robot that can receive alerts: `/robot/send?access_token=<token>`. */
  readonly customRobot: CustomRobot;
  /** Stream mode. Once the bot has opened a connection, messages go there instead of to the callback. */
  readonly stream: DingtalkStream;
}

/** Dependencies of the fake. */
export interface FakeDingtalkDeps {
  app: LabCredentials['dingtalk'];
  botUrl: string;
  /** Address at which the bot reaches DingTalk. */
  ownUrl(): string;
  faults: FaultSet;
  retryDelaysMs: readonly number[];
  ackWithinMs?: number | undefined;
  observer: Observer;
  now?: () => number;
}

/** Creates the fake. `handler` serves its API, `upgrade` its WebSockets, `stop` ends deliveries and connections. */
export function createFakeDingtalk(deps: FakeDingtalkDeps) {
  const { app, faults, now = Date.now } = deps;
  const log = createSentLog(deps.observer.botSent);
  const directory = createDirectory(now);
  const callbackSender = createCallbackSender();
  const tickets = createTickets(now);
  const { stream, ...streaming } = createStream({ corpId: app.corpId, tickets, now });

  const fake: FakeDingtalk = {
    ...createEventDelivery({ ...deps, directory, log, callbackSender, stream: streaming, now }),
    sent: log.sent,
    waitForReply: log.waitForReply,
    stream,
    limitsRates: true,
    flowControlled: new Set(),
    customRobot: {
      token: derivedId('robot', app.appSecret).repeat(2),
      secret: `SEC${derivedId('robot secret', app.appSecret).repeat(2)}`,
      keywords: [],
      allowedIps: [],
      language: 'english',
    },
  };
  const tokens = createTokenStore('', { kind: 'extend' }, now);
  const api = {
    app,
    faults,
    directory,
    tokens,
    log,
    limitsRates: () => fake.limitsRates,
    flowControlled: fake.flowControlled,
    now,
  };
  const handler = express();
  handler.disable('x-powered-by');
  handler.use((_request, _response, next) => {
    if (!faults.has('dingtalk-stall')) next();
  });
  handler.use(barWhile(faults));
  handler.use(['/v1.0/robot', '/robot/sendBySession'], createFaultyAnswers(faults));
  handler.use('/v1.0', createGateway({ app, faults, tickets, isBusy: () => stream.isBusy }));
  handler.use('/v1.0', createOpenApi(api));
  handler.use(createOldApi({ ...api, robot: fake.customRobot }));
  handler.use(answerErrors);
  const stop = () => {
    callbackSender.stop();
    streaming.stop();
  };
  return { fake, handler, upgrade: streaming.upgrade, stop };
}
