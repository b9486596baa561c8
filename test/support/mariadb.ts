// Starts a real MariaDB server for one test file, with its own data directory and loopback port.

import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createConnection } from 'mysql2/promise';
import { projectRoot } from '../../ops/installation/project-root.ts';
import { freePort } from './free-port.ts';
import { PATIENCE_MS } from './patience.ts';
import { runMarked, spawnMarked } from './spawn-marked.ts';

/** A running server. Its user has all privileges; its password contains characters that a URL must escape. */
export interface Mariadb {
  /** `mysql://…` of the database `bot`, which is empty at the start. */
  url: string;
  /** Process id, for tests that pause or kill the server. */
  pid: number;
  /** Creates another empty database and resolves with its URL. */
  createDatabase(): Promise<string>;
  /** Kills the server and restarts it on its files. Resolves when it answers. */
  restart(): Promise<void>;
  /** Stops the server and removes its directory. Safe to call twice. */
  stop(): Promise<void>;
}

const USER = 'bot';
const PASSWORD = 'p@ss:w/rd';

const GRANTS = `CREATE USER IF NOT EXISTS '${USER}'@'%' IDENTIFIED BY '${PASSWORD}';
GRANT ALL ON *.* TO '${USER}'@'%';
CREATE DATABASE IF NOT EXISTS bot;
`;

/** Files of a new server, cached between runs because their creation takes seconds. */
const TEMPLATE = join(projectRoot(), 'node_modules/.cache/chatbot-tests/mariadb');

// Settings for little memory and a fast start, with the character set of the bundle's MariaDB.
const SETTINGS = [
  '--innodb-buffer-pool-size=48M',
  '--innodb-log-file-size=32M',
  '--innodb-flush-log-at-trx-commit=2',
  '--performance-schema=0',
  '--max-connections=60',
  '--skip-name-resolve',
  '--character-set-server=utf8mb4',
  '--bind-address=127.0.0.1',
];

/**
 * Starts a server. `settings` override `SETTINGS`. Rejects with the server's last lines if it does not answer within
 * `PATIENCE_MS`.
 */
export async function startMariadb(settings: readonly string[] = []): Promise<Mariadb> {
  const home = await mkdtemp(join(tmpdir(), 'chatbot-mariadb-'));
  try {
    await initialise(home);
    const port = await freePort();
    const errorOutput: string[] = [];
    const start = () => {
      const started = launch(home, port, settings);
      started.stderr?.on('data', (chunk) => errorOutput.push(String(chunk)));
      return started;
    };
    let child = start();
    const stop = () => stopServer(child, home);
    const url = (database: string) => `mysql://${USER}:${encodeURIComponent(PASSWORD)}@127.0.0.1:${port}/${database}`;
    await ready(child, url('bot'), errorOutput).catch(async (error) => {
      await stop();
      throw error;
    });
    let created = 0;
    return {
      url: url('bot'),
      get pid() {
        return child.pid ?? 0;
      },
      async createDatabase() {
        created += 1;
        const name = `bot_${created}`;
        await query(url('bot'), `CREATE DATABASE ${name}`);
        return url(name);
      },
      async restart() {
        const exited = once(child, 'exit');
        child.kill('SIGKILL');
        await exited;
        child = start();
        await ready(child, url('bot'), errorOutput);
      },
      stop,
    };
  } catch (error) {
    await rm(home, { recursive: true, force: true });
    throw error;
  }
}

async function initialise(home: string): Promise<void> {
  // The server runs as a user other than root, which needs access to the folder.
  await chmod(home, 0o755);
  await mkdir(join(home, 'run'), { mode: 0o777 });
  await chmod(join(home, 'run'), 0o777);
  await writeFile(join(home, 'grants.sql'), GRANTS);
  const data = join(home, 'data');
  if (existsSync(TEMPLATE)) return copy(TEMPLATE, data);
  await install(data);
  await saveAsTemplate(data);
}

async function install(data: string): Promise<void> {
  const { code, stdout, stderr } = await runMarked('mariadb-install-db', [
    '--no-defaults',
    `--datadir=${data}`,
    '--auth-root-authentication-method=socket',
    '--skip-test-db',
    '--skip-name-resolve',
    '--innodb-log-file-size=32M',
    ...(isRoot() ? ['--user=mysql'] : []),
  ]);
  if (code !== 0) throw new Error(`mariadb-install-db ended with ${code}: ${stdout}${stderr}`);
}

async function saveAsTemplate(data: string): Promise<void> {
  const own = `${TEMPLATE}.${process.pid}`;
  await mkdir(dirname(TEMPLATE), { recursive: true });
  await copy(data, own);
  // Another test file may have saved its files first.
  await rename(own, TEMPLATE).catch(() => rm(own, { recursive: true }));
}

/** Copies files with their owners, and keeps sparse files sparse. */
async function copy(from: string, to: string): Promise<void> {
  const { code, stderr } = await runMarked('cp', ['-a', from, to]);
  if (code !== 0) throw new Error(`cp ended with ${code}: ${stderr}`);
}

function launch(home: string, port: number, settings: readonly string[]): ChildProcess {
  const server = existsSync('/usr/sbin/mariadbd') ? '/usr/sbin/mariadbd' : 'mariadbd';
  const args = [
    '--no-defaults',
    `--datadir=${join(home, 'data')}`,
    `--socket=${join(home, 'run', 'mariadb.sock')}`,
    `--pid-file=${join(home, 'run', 'mariadb.pid')}`,
    // A starting server deletes the files of temporary tables in this folder, also those of another server.
    `--tmpdir=${join(home, 'run')}`,
    `--init-file=${join(home, 'grants.sql')}`,
    `--port=${port}`,
    ...SETTINGS,
    ...settings,
  ];
  // pdeathsig: if the test process is killed, the kernel kills its server too.
  const asUser = isRoot() ? ['--reuid=mysql', '--regid=mysql', '--init-groups'] : [];
  const command = [...asUser, '--pdeathsig', 'KILL', server, ...args];
  return spawnMarked('setpriv', command, { stdio: ['ignore', 'ignore', 'pipe'] });
}

async function ready(child: ChildProcess, url: string, errorOutput: string[]): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    try {
      return await query(url, 'SELECT 1');
    } catch (error) {
      const gone = child.exitCode !== null || child.signalCode !== null;
      if (gone || Date.now() > deadline) {
        throw new Error(`mariadbd ${gone ? 'stopped' : 'did not answer'}: ${errorOutput.slice(-8).join('')}`, {
          cause: error,
        });
      }
    }
    await sleep(50);
  }
}

async function query(url: string, sql: string): Promise<void> {
  const connection = await createConnection(url);
  try {
    await connection.query(sql);
  } finally {
    await connection.end();
  }
}

async function stopServer(child: ChildProcess, home: string): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) {
    const exited = once(child, 'exit');
    child.kill('SIGTERM');
    const timeout = setTimeout(() => child.kill('SIGKILL'), PATIENCE_MS);
    await exited;
    clearTimeout(timeout);
  }
  await rm(home, { recursive: true, force: true });
}

function isRoot(): boolean {
  return process.getuid?.() === 0;
}
