// Retention on SQLite.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeRetention } from './describe-retention.ts';

describeRetention('SQLite', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'chatbot-retention-'));
  let count = 0;
  return {
    create: async () => `sqlite:${dir}/${++count}.db`,
    stop: () => rm(dir, { recursive: true, force: true }),
  };
});
