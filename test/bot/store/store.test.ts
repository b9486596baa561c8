// The store on SQLite.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { openStore } from '../../../bot/store/open-store.ts';
import { describeStore } from './describe-store.ts';

describeStore('SQLite', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'chatbot-store-'));
  let count = 0;
  return {
    create: async () => `sqlite:${dir}/${++count}.db`,
    stop: () => rm(dir, { recursive: true, force: true }),
  };
});

test('a database that cannot be reached takes no writes, and the reason is named', async () => {
  const store = openStore('mysql://bot:secret@127.0.0.1:1/bot');
  await expect(store.checkWritable(1_000)).resolves.toMatch(/ECONNREFUSED|no answer/);
  await store.close();
});
