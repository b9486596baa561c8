// Reasoning of the model reaches no chat message, no streaming card, no session and no log of the whole bot.
import { readFile } from 'node:fs/promises';
import { afterEach, expect, test } from '@jest/globals';
import { openStore } from '../../../bot/store/open-store.ts';
import type { FaultName } from '../../../ops/lab/start-lab.ts';
import { type BotAndLab, startBotAndLab } from '../../support/bot-and-lab.ts';
import { waitUntil } from '../../support/wait-until.ts';

let running: BotAndLab;
afterEach(() => running.stop());

/** Matches the reasoning of the lab, and no answer. */
const REASONING = /so I repeat it|think>/;

test.each<FaultName>(['model-reasons', 'model-reasons-in-tags', 'model-reasons-unopened'])(
  'hides the reasoning of the fault %s',
  async (fault) => {
    running = await startBotAndLab({ model: true, modelDelayMs: 3_000, env: { THINKING_AFTER_MS: '100' } });
    await running.lab.setFault(fault, true);
    const { feishu, model } = running.lab;
    const seen = new Set<string>();
    await feishu.sendText({ text: 'first' });
    const answered = () => {
      for (const { text } of feishu.sent) seen.add(text);
      return [...seen].some((text) => text.includes('as context.)'));
    };
    await waitUntil('the answer is there', answered);
    model.delayMs = 0;
    await feishu.sendText({ text: 'second' });
    const remembered = () => feishu.sent.some(({ text }) => text.includes('2 earlier messages as context'));
    await waitUntil('the second answer is there', remembered);

    const store = openStore(running.env.DATABASE_URL ?? '');
    const sessions = await store.knex('session').select();
    await store.close();
    const logs = await Promise.all(
      ['app', 'callback'].map((file) => readFile(`${running.dir}/log/${file}.log`, 'utf8')),
    );
    expect({
      chats: [...seen, ...feishu.sent.map(({ text }) => text)].filter((text) => REASONING.test(text)),
      thinking: seen.has('Thinking…'),
      // The first question and its answer, which are sent with the second question.
      memory: REASONING.test(JSON.stringify([sessions, model.received.at(-1)?.body])),
      logs: logs.filter((text) => REASONING.test(text)),
    }).toEqual({ chats: [], thinking: true, memory: false, logs: [] });
  },
);
