// The sync of SQLite's log.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { createSqliteDurability } from '../../../bot/store/durable.ts';

test('a log that could not be opened once is opened the next time', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'chatbot-durable-'));
  const durability = createSqliteDurability(join(dir, 'bot.db'));
  await expect(durability.flush()).rejects.toThrow('ENOENT');
  await writeFile(join(dir, 'bot.db-wal'), '');
  await expect(durability.flush()).resolves.toBeUndefined();
  await durability.close();
  await rm(dir, { recursive: true });
});
