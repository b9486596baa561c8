// Syncing SQLite's log to the disk.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { createSqliteDurability } from '../../../bot/store/durable.ts';

test('opens the log on the next flush after a failure', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'chatbot-durable-'));
  const durability = createSqliteDurability(join(dir, 'bot.db'));
  await expect(durability.flush()).rejects.toThrow('ENOENT');
  await writeFile(join(dir, 'bot.db-wal'), '');
  await expect(durability.flush()).resolves.toBeUndefined();
  await durability.close();
  await rm(dir, { recursive: true });
});
