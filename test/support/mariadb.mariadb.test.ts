// Tests the MariaDB server of the tests: its port, its empty databases, and its end.

import { access, chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createConnection } from 'mysql2/promise';
import { type Mariadb, startMariadb } from './mariadb.ts';

describe('startMariadb', () => {
  let server: Mariadb;
  beforeAll(async () => {
    server = await startMariadb();
  });
  afterAll(() => server.stop());

  async function query(url: string, sql: string): Promise<unknown> {
    const connection = await createConnection(url);
    try {
      const [rows] = await connection.query(sql);
      return rows;
    } finally {
      await connection.end();
    }
  }

  test('starts with an empty database "bot" on a real MariaDB', async () => {
    expect(await query(server.url, 'SHOW TABLES')).toEqual([]);
    expect(await query(server.url, 'SELECT DATABASE() AS name, VERSION() AS version')).toEqual([
      { name: 'bot', version: expect.stringMatching(/^1[0-9]\.\d+\.\d+-MariaDB/) },
    ]);
  });

  test('creates a separate empty database for every call of createDatabase', async () => {
    const [first, second] = await Promise.all([server.createDatabase(), server.createDatabase()]);
    await query(first, 'CREATE TABLE t (id INT)');
    expect(await query(second, 'SHOW TABLES')).toEqual([]);
    expect(first).not.toBe(second);
  });

  test('keeps temporary tables on the disk while another server starts', async () => {
    const folder = async (url: string) => (await query(url, 'SELECT @@tmpdir AS folder')) as { folder: string }[];
    const [own] = await folder(server.url);
    const table = join(own?.folder ?? '', '#sql-temptable-of-this-server.MAI');
    await writeFile(table, '');
    await chmod(table, 0o666);
    const other = await startMariadb();
    expect(await folder(other.url)).not.toEqual([own]);
    await expect(access(table)).resolves.toBeUndefined();
    await other.stop();
  });

  test('has no process and no listener after stop', async () => {
    const other = await startMariadb();
    expect(() => process.kill(other.pid, 0)).not.toThrow();
    await other.stop();
    expect(() => process.kill(other.pid, 0)).toThrow('ESRCH');
    await expect(createConnection(other.url)).rejects.toThrow('ECONNREFUSED');
    await other.stop();
  });
});
