// Runs the lab in a process of its own, so that it does not share an event loop with the clock of a benchmark.

import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Callback } from '../ops/lab/common/deliver.ts';
import type { LabCredentials, LabUrls } from '../ops/lab/credentials.ts';
import { startLab } from '../ops/lab/start-lab.ts';
import { createReplyTally, numbered } from '../test/support/reply-tally.ts';

interface StartOptions {
  credentials: LabCredentials;
  botUrl: string;
  /** Duration of each model answer in milliseconds. */
  modelDelayMs: number;
}

interface BuildOptions {
  /** Number of messages. Even numbers go to Feishu, odd ones to DingTalk, round robin over `chats` chats. */
  count: number;
  chats: number;
}

type LabCommand = { start: StartOptions } | { build: BuildOptions } | 'tally';

export interface LabProcess {
  urls: LabUrls;
  /** Returns signed callbacks of messages that are numbered from 0. */
  build(options: BuildOptions): Promise<Callback[]>;
  tally(): Promise<{ answered: number; twice: number }>;
  stop(): void;
}

/** Starts the lab in a child process. */
export async function startLabProcess(start: StartOptions): Promise<LabProcess> {
  // The serialization `advanced` sends the bodies as bytes.
  const child = fork(fileURLToPath(import.meta.url), ['child'], { serialization: 'advanced' });
  return {
    urls: await request<LabUrls>(child, { start }),
    build: (build) => request(child, { build }),
    tally: () => request(child, 'tally'),
    stop: () => child.disconnect(),
  };
}

async function request<Reply>(child: ChildProcess, command: LabCommand): Promise<Reply> {
  child.send(command);
  const [reply] = await once(child, 'message');
  return reply as Reply; // `serve` below replies to each command with its own type
}

async function serve({ credentials, botUrl, modelDelayMs }: StartOptions): Promise<(command: LabCommand) => unknown> {
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
  return (command) => {
    if (command === 'tally') return tally.read();
    if ('start' in command) return lab.urls;
    return Array.from({ length: command.build.count }, (_, number) => callback(number, command.build.chats));
  };
}

if (process.argv[2] === 'child') {
  process.on('disconnect', () => process.exit());
  const [first] = (await once(process, 'message')) as [{ start: StartOptions }]; // startLabProcess starts first
  const answer = await serve(first.start);
  process.on('message', (command: LabCommand) => process.send?.(answer(command)));
  process.send?.(answer(first));
}
