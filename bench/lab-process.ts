// The lab in a process of its own, so that the stand-ins do not share an event loop with the clock of a benchmark.

import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Callback } from '../ops/lab/common/deliver.ts';
import type { LabCredentials, LabUrls } from '../ops/lab/credentials.ts';
import { startLab } from '../ops/lab/start-lab.ts';
import { createReplyTally, numbered } from '../test/support/reply-tally.ts';

interface Start {
  credentials: LabCredentials;
  botUrl: string;
  /** Milliseconds each model answer takes. */
  modelDelayMs: number;
}

interface Build {
  /** Even numbers go to Feishu, odd ones to DingTalk, round robin over `chats` chats. */
  count: number;
  chats: number;
}

type Order = { start: Start } | { build: Build } | 'tally';

export interface LabProcess {
  urls: LabUrls;
  /** Signed callbacks of the messages numbered from 0. */
  build(wanted: Build): Promise<Callback[]>;
  tally(): Promise<{ answered: number; twice: number }>;
  stop(): void;
}

/** Starts the lab in a child process. */
export async function startLabProcess(start: Start): Promise<LabProcess> {
  // `advanced` carries the bodies as bytes.
  const child = fork(fileURLToPath(import.meta.url), ['child'], { serialization: 'advanced' });
  return {
    urls: await ask<LabUrls>(child, { start }),
    build: (build) => ask(child, { build }),
    tally: () => ask(child, 'tally'),
    stop: () => child.disconnect(),
  };
}

async function ask<Answer>(child: ChildProcess, order: Order): Promise<Answer> {
  child.send(order);
  const [answer] = await once(child, 'message');
  return answer as Answer; // `serve` below answers every order with its own kind
}

async function serve({ credentials, botUrl, modelDelayMs }: Start): Promise<(order: Order) => unknown> {
  const lab = await startLab({ credentials, botUrl, modelDelayMs });
  const tally = createReplyTally([lab.feishu.sent, lab.dingtalk.sent]);
  const callback = (number: number, chats: number): Callback => {
    const [text, chat] = [numbered(number), number % chats];
    const { url, headers, body } =
      number % 2 === 0
        ? lab.feishu.buildCallback({ text, chatId: `oc_${chat}`, userId: `person ${chat}` })
        : lab.dingtalk.buildCallback({ text, chatId: `cid${chat}`, userId: `person ${chat}` });
    return { url, headers, body };
  };
  return (order) => {
    if (order === 'tally') return tally.read();
    if ('start' in order) return lab.urls;
    return Array.from({ length: order.build.count }, (_, number) => callback(number, order.build.chats));
  };
}

if (process.argv[2] === 'child') {
  process.on('disconnect', () => process.exit());
  const [first] = (await once(process, 'message')) as [{ start: Start }]; // startLabProcess starts first
  const answer = await serve(first.start);
  process.on('message', (order: Order) => process.send?.(answer(order)));
  process.send?.(answer(first));
}
