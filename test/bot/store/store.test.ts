// The store on SQLite.
import { mkdir, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { migrate } from '../../../bot/store/migrate.ts';
import { openStore } from '../../../bot/store/open-store.ts';
import { lockForBot } from '../../../bot/store/sqlite/owner-lock.ts';
import { describeStore } from './describe-store.ts';

describeStore('SQLite', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'chatbot-store-'));
  let count = 0;
  return {
    create: async () => `sqlite:${dir}/${++count}.db`,
    stop: () => rm(dir, { recursive: true, force: true }),
  };
});

test('names the reason if the database cannot be reached', async () => {
  const store = openStore('mysql://bot:secret@127.0.0.1:1/bot');
  await expect(store.checkWritable(1_000)).resolves.toMatch(/ECONNREFUSED|no answer/);
  await store.close();
});

describe('a file behind a symbolic link', () => {
  let dir: string;
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'chatbot-link-'));
    await mkdir(join(dir, 'disk'));
    await symlink('disk/real.db', join(dir, 'bot.db'));
  });
  afterEach(() => rm(dir, { recursive: true }));

  test('has its log synced, and its latest commits are readable', async () => {
    const store = openStore(`sqlite:${dir}/bot.db`);
    await migrate(store);
    await store.flush();
    await store.knex('tenant_config').insert({ tenant_id: 'default' });
    const reading = openStore(`sqlite:${dir}/bot.db`, { readOnly: true });
    expect(await reading.knex('tenant_config').pluck('tenant_id')).toEqual(['default']);
    await reading.close();
    await store.close();
  });

  test('has one owner under both names', async () => {
    const [linked, real] = [openStore(`sqlite:${dir}/bot.db`), openStore(`sqlite:${dir}/disk/real.db`)];
    const lock = await lockForBot(linked.file as string);
    await expect(lockForBot(real.file as string)).rejects.toThrow('belongs to another bot');
    lock.release();
    await Promise.all([linked.close(), real.close()]);
  });
});
