// The queues compared with their model, on SQLite.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeQueues } from './describe-queues.ts';

describeQueues(async () => {
  const dir = await mkdtemp(join(tmpdir(), 'chatbot-queues-'));
  return { url: `sqlite:${dir}/bot.db`, stop: () => rm(dir, { recursive: true, force: true }) };
}, 60);
